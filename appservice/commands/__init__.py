"""WHAT PEOPLE SAY to the bot, and what it says back: parse → authorise → resolve → do → render.

Vocabulary, parsing, authority, the finding of people and rooms, deeds and the look of an answer are
pure; `answering`, `admin_room` and `reporting` act. What a command needs of the rest of the house
stands in `house`.
"""
