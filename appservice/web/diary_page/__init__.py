"""THE DIARY AS A PAGE: read in a widget of a room, or in a browser by a link from the bot.

    link or OpenID token ─ `signing_in` ─▶ a session (storage.page_sessions)
    session ─ `guests` ─▶ a person of the roster of today, and what they may see (diary.sight)
    what may be seen ─ `reading` ─▶ events ─ `views` (pure) ─▶ values ─ `drawing` ─▶ HTML

`serving` is the HTTP of it, `look/` what the browser gets: one page without anything personal, its
script and style, and the templates of the views. The script keeps the session in memory and shows
it as a bearer token: no cookies, nothing personal in addresses or logs. docs/decisions/0112 and
docs/diary-page.md say why and how.
"""
