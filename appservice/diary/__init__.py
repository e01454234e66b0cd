"""WHAT HAPPENED AT SCHOOL: grades, homework, the timetable, absences; who is told of them, when,
and in which words.

Pure as a whole: functions over frozen values, `now` and ids are arguments. May import no database,
no HTTP, no clock. What is decided here is received, kept and sent by others, in this order:

    a JSON object ─ events.parse ─▶ DiaryEvent ─ admission.admitted ─ revisions.verdict ─▶ kept
    kept, when settling.due ─ routing.route ─▶ recipients ─ revisions.deed ─▶ Post, Edit, Correct
    Post, Correct ─ timing.when ─▶ at once, with a digest, or never
    what is due ─ routing.route again ─ wording ─▶ the content of one m.room.message

`fields`, `payloads`, `events`, `rejections`, `schema`: what a source may say. `revisions`: what
several sayings of one thing come to. `settling`, `quiet_hours`, `preferences`, `timing`: when.
`routing`, `personal_rooms`: to whom. `wording`: how. `settings`: what a school may choose.
docs/decisions/0100 and the following say why.
"""
