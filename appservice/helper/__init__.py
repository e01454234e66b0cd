"""WHAT PEOPLE ASK OF THEIR DIARY in the room that the bot shares with them alone.

    a message ─ understanding ─▶ what is asked ─ family ─▶ of which child ─ answers ─▶ an answer

`understanding`, `family`, `answers`, `wishing` and `absences` are pure: they decide what is asked,
whose diary it may be, and how it looks. `answering` acts. Nobody is answered anything that the
diary would not have told them: whose diary somebody may read is asked of the same directory that
routes events (`diary.routing.Directory`).
"""
