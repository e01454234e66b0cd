"""Sends a list of diary events: python send_diary_events.py https://address TOKEN events.json
After any trouble the same may be sent again: what came before is told as a duplicate.
"""

import json
import pathlib
import sys
import time
import urllib.request


def send(request, pauses=(1, 5, 25)):
    """The verdicts, in the order of the events."""
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["verdicts"]
    except OSError as error:
        if not pauses or getattr(error, "code", 500) < 500:
            sys.exit(error.read().decode() if hasattr(error, "read") else str(error))
    time.sleep(pauses[0])
    return send(request, pauses[1:])


url, token, path = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
events = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
for at in range(0, len(events), 1000):
    body = json.dumps(events[at : at + 1000]).encode()
    for verdict in send(urllib.request.Request(f"{url}/diary/v1/events", body, headers)):
        print(json.dumps(verdict, ensure_ascii=False))
