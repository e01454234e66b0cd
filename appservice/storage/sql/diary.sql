-- name: one_after_another
-- Two batches of one source: neither in each other's way, nor in a ring.
SELECT pg_advisory_xact_lock(hashtextextended('diary of ' || source, 0))
FROM unnest($1::text[]) AS told (source) ORDER BY source

-- name: standings
SELECT entry.source, entry.school, entry.external_id, entry.kind, entry.revision, entry.rank
FROM diary_entry AS entry
JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS told (source, school, external_id, kind)
    USING (source, school, external_id, kind)

-- name: take
INSERT INTO diary_entry AS known (
    source, school, external_id, kind, revision, rank, type, event_id, person_id, place, day, other_day,
    occurred_at, published_at, received_at, withdrawn, due, document
)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::smallint[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::date[], $12::date[], $13::timestamptz[], $14::timestamptz[],
    $15::timestamptz[], $16::boolean[], $17::timestamptz[], $18::text[]
)
ON CONFLICT (external_id, source, school, kind) DO UPDATE SET
    revision = excluded.revision, rank = excluded.rank, type = excluded.type,
    event_id = excluded.event_id, person_id = excluded.person_id, place = excluded.place,
    day = excluded.day, other_day = excluded.other_day, occurred_at = excluded.occurred_at,
    published_at = excluded.published_at, received_at = excluded.received_at,
    withdrawn = excluded.withdrawn, due = least(known.due, excluded.due), document = excluded.document
RETURNING number, source, school, external_id, kind

-- name: no_addressees
DELETE FROM diary_addressee WHERE entry = ANY($1::bigint[])

-- name: addressees
INSERT INTO diary_addressee (entry, kind, id)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING

-- name: of_students
SELECT * FROM diary_entry
WHERE school = $1 AND person_id = ANY($2::text[]) AND person_id <> '' AND day BETWEEN $3 AND $4
    AND NOT withdrawn AND (kind = ANY($5::text[]) OR $5::text[] = '{}')
ORDER BY day, occurred_at, number

-- name: of_places
SELECT * FROM diary_entry
WHERE school = $1 AND place = ANY($2::text[]) AND place <> ''
    AND (day BETWEEN $3 AND $4 OR other_day BETWEEN $3 AND $4) AND NOT withdrawn
    AND (kind = ANY($5::text[]) OR $5::text[] = '{}')
ORDER BY day, occurred_at, number

-- name: marks
-- Put together here: of a class over a year there are thousands.
SELECT person_id, mark ->> 'subject' AS subject, coalesce(mark ->> 'term', '') AS term,
    array_agg(mark ->> 'value' ORDER BY day, occurred_at, number) AS marks
FROM diary_entry
WHERE school = $1 AND person_id = ANY($2::text[]) AND person_id <> '' AND day BETWEEN $3 AND $4
    AND NOT withdrawn AND kind = ANY($5::text[])
GROUP BY 1, 2, 3 ORDER BY 1, 2, min(occurred_at), 3

-- name: addressed
SELECT * FROM diary_entry AS entry
WHERE school = $1 AND day BETWEEN $4 AND $5 AND NOT withdrawn AND number IN (
    SELECT addressee.entry FROM diary_addressee AS addressee
    JOIN unnest($2::text[], $3::text[]) AS whom (kind, id) USING (kind, id)
)
ORDER BY day, occurred_at, number

-- name: entries
SELECT * FROM diary_entry WHERE number = ANY($1::bigint[]) ORDER BY number

-- name: forget
DELETE FROM diary_entry WHERE number IN (
    SELECT number FROM diary_entry WHERE received_at < $1 LIMIT 10000
)

-- name: forget_pull
-- Of sources that are not read any more: whatever is read is read every day.
DELETE FROM diary_pull WHERE read_at < $1

-- name: lose_addressee
-- What only these people were told of, and what names one of them in its text.
DELETE FROM diary_entry WHERE number IN (
    SELECT addressee.entry FROM diary_addressee AS addressee
    WHERE addressee.id = ANY($1::text[]) AND (addressee.kind = 'about' OR (
        addressee.kind = 'person' AND NOT EXISTS (
            SELECT FROM diary_addressee AS other
            WHERE other.entry = addressee.entry AND other.kind <> 'about'
                AND (other.kind <> 'person' OR other.id <> ALL($1::text[]))
        )
    ))
)

-- name: lose_entries
DELETE FROM diary_entry WHERE person_id = ANY($1::text[])

-- name: unaddress
-- What others were told of, too.
UPDATE diary_entry SET document = jsonb_set(document::jsonb, '{payload,to}', (
    SELECT jsonb_agg(one) FROM jsonb_array_elements(document::jsonb #> '{payload,to}') AS one
    WHERE NOT (one ->> 'kind' = 'person' AND one ->> 'id' = ANY($1::text[]))
))::text
WHERE number IN (SELECT entry FROM diary_addressee WHERE kind = 'person' AND id = ANY($1::text[]))

-- name: unaddress_sent
UPDATE diary_sent SET document = jsonb_set(document::jsonb, '{payload,to}', (
    SELECT jsonb_agg(one) FROM jsonb_array_elements(document::jsonb #> '{payload,to}') AS one
    WHERE NOT (one ->> 'kind' = 'person' AND one ->> 'id' = ANY($1::text[]))
))::text
WHERE entry IN (SELECT entry FROM diary_addressee WHERE kind = 'person' AND id = ANY($1::text[]))

-- name: unteach_sent
UPDATE diary_sent SET document = jsonb_set(document::jsonb, '{payload,teacher}', '""')::text
WHERE document::jsonb #>> '{payload,teacher}' = ANY($1::text[])

-- name: unteach
-- Lessons and remarks of others stay, without who gave them.
UPDATE diary_entry SET document = jsonb_set(document::jsonb, '{payload,teacher}', '""')::text
WHERE kind IN ('timetable', 'remark') AND document::jsonb #>> '{payload,teacher}' = ANY($1::text[])

-- name: lose_address
DELETE FROM diary_addressee WHERE kind = 'person' AND id = ANY($1::text[])

-- name: lose_sent
DELETE FROM diary_sent
WHERE child = ANY($1::text[])
    OR room IN (SELECT room FROM diary_room WHERE person_id = ANY($1::text[]))

-- name: lose_waiting
DELETE FROM diary_waiting
WHERE room IN (SELECT room FROM diary_room WHERE person_id = ANY($1::text[]))

-- name: lose_outbox
DELETE FROM diary_outbox
WHERE room IN (SELECT room FROM diary_room WHERE person_id = ANY($1::text[]))

-- name: lose_rooms
DELETE FROM diary_room WHERE person_id = ANY($1::text[])

-- name: lose_preferences
DELETE FROM diary_preference WHERE person_id = ANY($1::text[])

-- name: lose_farewell
DELETE FROM diary_farewell WHERE person_id = ANY($1::text[])

-- name: lose_lists
-- "Of whom?", asked by the bot: the choices of half an hour, as helper/answering.py writes them.
DELETE FROM confirmation WHERE digest = '' AND EXISTS (
    SELECT FROM unnest($1::text[]) AS one
    WHERE position('"child": ' || to_json(one)::text IN request) > 0
)

-- name: kept_people
SELECT person_id FROM diary_entry WHERE person_id <> ''
UNION SELECT person_id FROM diary_room
UNION SELECT person_id FROM diary_preference
UNION SELECT id FROM diary_addressee WHERE kind IN ('person', 'about')

-- name: gone_since
INSERT INTO diary_farewell (person_id, since) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING

-- name: back_again
-- And those of whom nothing is kept any more.
DELETE FROM diary_farewell WHERE person_id <> ALL($1::text[])

-- name: gone_long
SELECT person_id FROM diary_farewell WHERE since <= $1 ORDER BY person_id

-- name: export_entries
SELECT entry.document FROM diary_entry AS entry
WHERE entry.person_id = $1 OR EXISTS (
    SELECT FROM diary_addressee AS addressee
    WHERE addressee.entry = entry.number AND addressee.kind IN ('person', 'about')
        AND addressee.id = $1
)
ORDER BY entry.occurred_at, entry.number

-- name: export_rooms
SELECT room, school, needed_at FROM diary_room WHERE person_id = $1 ORDER BY room

-- name: export_messages
SELECT room, room_id, message, min(at) AS at FROM diary_sent
WHERE room IN (SELECT room FROM diary_room WHERE person_id = $1)
GROUP BY room, room_id, message ORDER BY at, message

-- name: export_unsent
SELECT box.room, box.queued_at AS at, entry.document
FROM diary_outbox AS box LEFT JOIN diary_entry AS entry ON entry.number = box.entry
WHERE box.room IN (SELECT room FROM diary_room WHERE person_id = $1)
UNION ALL
SELECT waiting.room, waiting.at, entry.document
FROM diary_waiting AS waiting JOIN diary_entry AS entry ON entry.number = waiting.entry
WHERE waiting.room IN (SELECT room FROM diary_room WHERE person_id = $1)
ORDER BY at, room

-- name: export_preferences
SELECT * FROM diary_preference WHERE person_id = $1 ORDER BY school

-- name: preferences
SELECT * FROM diary_preference WHERE school = $1 AND person_id = ANY($2::text[])

-- name: prefer
INSERT INTO diary_preference (
    school, person_id, paces, quiet_begin, quiet_end, quiet_weekend, quiet_holidays, hide_values, language
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (person_id, school) DO UPDATE SET
    paces = excluded.paces, quiet_begin = excluded.quiet_begin, quiet_end = excluded.quiet_end,
    quiet_weekend = excluded.quiet_weekend, quiet_holidays = excluded.quiet_holidays,
    hide_values = excluded.hide_values, language = excluded.language
