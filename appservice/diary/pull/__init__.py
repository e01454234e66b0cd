"""WHERE EVENTS ARE FETCHED: from files that a diary leaves behind to the documents that it
would have sent. Reads files, and nothing else; may import no network and no database.

    files ─ a source (`kinds.source_of`) ─▶ Reading: documents, problems, lessons, memory
    documents ─ the way in of all events (appservice.diary.events.parse and on) ─▶ kept

A source is given what it remembered after its last reading and says what has changed since, so
that files may lie there for ever. Every problem has its file and row. `icalendar_*`: timetables;
`exports`: CSV and spreadsheets by a column map; `gradebook`: results of OneRoster; `kinds`: those
of others, through an entry point. docs/diary-sources.md tells people the same.
"""
