"""WHAT A SYSADMIN TYPES: `school-spaces`, one file for each group of commands.

May read arguments, call the composition root (appservice.app) and print. May not decide anything
about a school: what is printed was decided elsewhere. Results go to standard output, progress and
errors to standard error; `--json` prints one JSON object and nothing else.

Exit codes: 0 done, nothing wrong; 1 something is wrong and was said; 2 the command line or a file
could not be understood, or a person must decide first; 130 interrupted with Ctrl-C.
"""

from appservice.cli.entry import main

__all__ = ["main"]
