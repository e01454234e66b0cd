"""Run a module as a program that dies with whoever started it.

    python -m appservice.embedded.leash MODULE [ARGUMENT...]

Standard input is a pipe whose other end the starter holds and never writes to: when the starter
ends in any way, kill -9 included, the pipe closes and this process ends at once. (The death
signal that Linux offers follows the starting thread instead, which may end much earlier.)
"""

import os
import runpy
import sys
import threading


def _die_with_the_starter() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_die_with_the_starter, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
