-- name: due
SELECT * FROM diary_entry WHERE due <= $1 ORDER BY due, number LIMIT $2 FOR UPDATE SKIP LOCKED

-- name: sent_of
SELECT entry, room, room_id, message, at, document, child, digest FROM diary_sent
WHERE entry = ANY($1::bigint[]) ORDER BY entry, room

-- name: under_way
SELECT DISTINCT room FROM diary_outbox WHERE content IS NOT NULL

-- name: settled
UPDATE diary_entry SET due = NULL WHERE number = ANY($1::bigint[])

-- name: due_again
UPDATE diary_entry SET due = again.at
FROM unnest($1::bigint[], $2::timestamptz[]) AS again (number, at) WHERE diary_entry.number = again.number

-- name: need_rooms
INSERT INTO diary_room (room, school, person_id, needed_at)
SELECT room, school, person_id, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS new (room, school, person_id)
ON CONFLICT DO NOTHING RETURNING room

-- name: queue
INSERT INTO diary_outbox (room, entry, delivery, queued_at, next_try)
SELECT room, entry, delivery, $4, $4
FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS new (room, entry, delivery, place)
ORDER BY place
ON CONFLICT (room, coalesce(entry, 0)) WHERE content IS NULL AND dead_at IS NULL DO NOTHING

-- name: wait
INSERT INTO diary_waiting (entry, room, at)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[])
ON CONFLICT (entry, room) DO UPDATE SET at = least(diary_waiting.at, excluded.at)

-- name: hold
-- What is kept no more waits for nothing.
INSERT INTO diary_waiting (entry, room, at)
SELECT number, $1, $3 FROM diary_entry WHERE number = ANY($2::bigint[]) FOR KEY SHARE
ON CONFLICT (entry, room) DO UPDATE SET at = excluded.at

-- name: digests_due
SELECT DISTINCT room FROM diary_waiting WHERE at <= $1

-- name: waiting_of
SELECT entry FROM diary_waiting WHERE room = $1 AND at <= $2 ORDER BY entry

-- name: personal_rooms
SELECT room, school, person_id FROM diary_room ORDER BY room

-- name: personal_rooms_stamp
SELECT count(*), max(needed_at) FROM diary_room

-- name: take_lane
INSERT INTO diary_lane AS lane (room, holder, until, again) VALUES ($1, $2, $4, false)
ON CONFLICT (room) DO UPDATE SET
    again = lane.until >= $3,
    holder = CASE WHEN lane.until < $3 THEN excluded.holder ELSE lane.holder END,
    until = CASE WHEN lane.until < $3 THEN excluded.until ELSE lane.until END
RETURNING holder = $2

-- name: keep_lane
UPDATE diary_lane SET until = $3 WHERE room = $1 AND holder = $2

-- name: give_lane
DELETE FROM diary_lane WHERE room = $1 AND holder = $2 AND NOT again RETURNING room

-- name: once_more
UPDATE diary_lane SET again = false WHERE room = $1 AND holder = $2 RETURNING room

-- name: head
SELECT number, room, entry, delivery, attempts, next_try, first_tried, room_id, content, queued_at, outcome
FROM diary_outbox WHERE room = $1 AND dead_at IS NULL ORDER BY number LIMIT 1

-- name: prepare
-- Only while all that it tells is kept ($6: entries). Who erases one meanwhile is waited for, or
-- finds what is written here.
UPDATE diary_outbox
SET content = $2, outcome = $3, room_id = $4, first_tried = coalesce(first_tried, $5)
WHERE number = $1 AND coalesce(content, '') = '' AND cardinality($6::bigint[]) = (
    SELECT count(*) FROM (
        SELECT FROM diary_entry WHERE number = ANY($6::bigint[]) FOR KEY SHARE
    ) AS kept
)
RETURNING number

-- name: unword
-- What was worded with an entry that is kept no more, or about this child. It may have arrived, so
-- all else of it stays; '' is not null, by which it would be the one that a lane has to come.
UPDATE diary_outbox SET content = '', outcome = jsonb_set(outcome::jsonb, '{tells}', coalesce((
    SELECT jsonb_agg(told) FROM jsonb_array_elements(outcome::jsonb -> 'tells') AS told
    WHERE (told ->> 2 <> $1 OR $1 = '')
        AND EXISTS (SELECT FROM diary_entry WHERE number = (told ->> 0)::bigint)
), '[]'))::text
WHERE outcome <> '' AND EXISTS (
    SELECT FROM jsonb_array_elements(outcome::jsonb -> 'tells') AS told
    WHERE (told ->> 2 = $1 AND $1 <> '')
        OR NOT EXISTS (SELECT FROM diary_entry WHERE number = (told ->> 0)::bigint)
)

-- name: unword_one
-- As above: that it may have arrived stays.
UPDATE diary_outbox SET content = '', outcome = '' WHERE number = $1 AND content IS NOT NULL

-- name: failed
UPDATE diary_outbox SET attempts = attempts + 1, next_try = $2, trouble = $3, dead_at = $4 WHERE number = $1

-- name: done
DELETE FROM diary_outbox WHERE number = $1 RETURNING room, room_id, outcome

-- name: no_longer_waits
DELETE FROM diary_waiting WHERE room = $1 AND entry = ANY($2::bigint[])

-- name: tell
-- What an edit tells keeps its message and its time.
INSERT INTO diary_sent AS known (entry, room, room_id, message, at, document, child, digest)
SELECT entry, $1, $2, $3, $4, document, child, $5
FROM unnest($6::bigint[], $7::text[], $8::text[]) AS told (entry, document, child)
WHERE EXISTS (SELECT FROM diary_entry WHERE number = told.entry)
ON CONFLICT (entry, room) DO UPDATE SET
    room_id = excluded.room_id, message = excluded.message, at = excluded.at,
    document = excluded.document, child = excluded.child, digest = excluded.digest

-- name: tell_by_edit
UPDATE diary_sent SET document = told.document
FROM unnest($2::bigint[], $3::text[]) AS told (entry, document)
WHERE diary_sent.room = $1 AND diary_sent.entry = told.entry

-- name: untell
DELETE FROM diary_sent WHERE room = $1 AND entry = ANY($2::bigint[])

-- name: together
SELECT entry, room, room_id, message, at, document, child, digest FROM diary_sent
WHERE message = $1 AND room = $2 ORDER BY entry

-- name: ready
-- Lanes in which something can be sent and nobody does; nobody may have been told of it.
SELECT DISTINCT box.room FROM diary_outbox AS box
LEFT JOIN diary_lane AS lane ON lane.room = box.room
WHERE box.dead_at IS NULL AND box.next_try <= $1 AND (lane.until IS NULL OR lane.until < $1)

-- name: dead
SELECT number, room, dead_at, trouble, attempts FROM diary_outbox
WHERE dead_at IS NOT NULL ORDER BY number

-- name: revive
UPDATE diary_outbox AS box SET dead_at = NULL, next_try = $1, attempts = 0, trouble = ''
WHERE dead_at IS NOT NULL AND NOT (content IS NULL AND EXISTS (
    SELECT FROM diary_outbox AS other
    WHERE other.room = box.room AND coalesce(other.entry, 0) = coalesce(box.entry, 0)
        AND other.content IS NULL AND other.dead_at IS NULL
))
RETURNING room

-- name: gauges
SELECT count(*) FILTER (WHERE dead_at IS NULL) AS queued,
       count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
       coalesce(max(extract(epoch FROM now() - queued_at)) FILTER (WHERE dead_at IS NULL), 0)::float8 AS lag_s
FROM diary_outbox
