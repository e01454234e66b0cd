"""HOW THE DIARY REACHES PEOPLE: what came in is kept, settled, queued, worded and sent.

    documents ─ intake ─▶ diary_entry ─ settling ─▶ outbox or digest ─ lanes ─▶ rooms

What is decided stands in `appservice.diary`; here it is carried out, by jobs that any process may
take. `intake`: documents of any source become entries. `circumstances`: the roster of the day, as
routing and wording need it. `settling`: entries that are due go into the lanes of their rooms.
`composing`: what one lane says next. `lanes`: says it, once. `rooms`: the personal rooms, made when
first needed. docs/decisions/0104 and the following say why.
"""
