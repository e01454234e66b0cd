"""HOW IT IS SAID: one notice, or one digest, as the content of one m.room.message (Matrix spec,
"Instant messaging") in the reader's language, plain and HTML.

`phrases`: what an event says in one line. `notice`, `digest`: whole messages. `content`: what
Matrix makes of them: what rings, edits, corrections.
"""
