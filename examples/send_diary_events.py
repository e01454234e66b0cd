"""Sends diary events to School Spaces: python send_diary_events.py URL TOKEN events.json

events.json holds one event or a list. What was sent before is told as a duplicate, so after any
trouble the same may be sent again. Needs nothing but Python.
"""

import json
import pathlib
import sys
import time
import urllib.error
import urllib.request


def send(url, token, events):
    """The verdicts, in the order of the events."""
    request = urllib.request.Request(
        f"{url}/diary/v1/events",
        json.dumps(events).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    for pause in (1, 5, 25, None):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["verdicts"]
        except urllib.error.HTTPError as error:
            if error.code < 500 or pause is None:
                raise SystemExit(f"{error.code}: {error.read().decode()}") from None
        except OSError as error:
            if pause is None:
                raise SystemExit(f"{url} cannot be reached: {error}") from None
        time.sleep(pause)
    return []


if __name__ == "__main__":
    url, token, path = sys.argv[1:]
    events = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    events = events if isinstance(events, list) else [events]
    for at in range(0, len(events), 1000):
        for verdict in send(url, token, events[at : at + 1000]):
            print(json.dumps(verdict, ensure_ascii=False))
