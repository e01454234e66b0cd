-- name: outlines
-- One pass over all members: asking for each room's own visits the same pages once a room.
SELECT
    room.key, room.room_id, room.version, room.state_digest,
    coalesce(present.joined, '{}') AS joined,
    coalesce(present.invited, '{}') AS invited,
    mark.content AS mark
FROM room
LEFT JOIN (
    SELECT
        room,
        array_agg(user_id) FILTER (WHERE membership = 'join') AS joined,
        array_agg(user_id) FILTER (WHERE membership <> 'join') AS invited
    FROM room_member
    WHERE membership IN ('join', 'invite', 'knock') AND user_id <> $1
    GROUP BY room
) AS present ON present.room = room.number
LEFT JOIN room_state AS mark
    ON mark.room = room.number AND mark.type = $2 AND mark.state_key = ''
    AND mark.content LIKE '%"archived"%'
WHERE room.kept
ORDER BY room.key

-- name: kept_rooms
SELECT number, key, room_id, version FROM room WHERE kept AND key = ANY($1::text[])

-- name: state_of_rooms
SELECT room, type, state_key, content FROM room_state
WHERE room = ANY($1::integer[]) AND content <> '{}'

-- name: members_of_rooms
SELECT room, user_id, membership FROM room_member
WHERE room = ANY($1::integer[]) AND membership <> 'leave' AND user_id <> $2

-- name: room_ids
SELECT key, room_id FROM room WHERE kept

-- name: accounts
SELECT
    user_id, display_name, external_ids, standing, server_admin, left_on, graduate, administered
FROM account

-- name: knows_nothing
SELECT NOT EXISTS (SELECT FROM account) AND NOT EXISTS (SELECT FROM room WHERE kept)

-- name: totals
SELECT
    (SELECT count(*) FROM account WHERE standing = 'active') AS accounts,
    (
        SELECT count(*) FROM room
        WHERE kept AND NOT EXISTS (
            SELECT FROM room_state AS mark
            WHERE mark.room = room.number AND mark.type = $2 AND mark.state_key = ''
                AND mark.content LIKE '%"archived"%'
        )
    ) AS rooms,
    (
        SELECT count(*) FROM room_member AS member JOIN room ON room.number = member.room
        WHERE room.kept AND member.membership = 'join' AND member.user_id <> $1
    ) AS memberships,
    (
        SELECT count(*) FROM room_state AS state JOIN room ON room.number = state.room
        WHERE room.kept AND state.type = 'm.space.child' AND state.content <> '{}'
    ) AS links

-- name: keep_accounts
INSERT INTO account (user_id, display_name, external_ids, standing, server_admin, left_on)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::date[])
ON CONFLICT (user_id) DO UPDATE SET
    display_name = EXCLUDED.display_name,
    external_ids = EXCLUDED.external_ids,
    standing = EXCLUDED.standing,
    server_admin = EXCLUDED.server_admin,
    left_on = EXCLUDED.left_on

-- name: account_stands
-- Who could not be suspended stays out of question until an audit says otherwise.
UPDATE account SET
    standing = $2,
    server_admin = server_admin OR $2 = 'active',
    left_on = CASE WHEN $2 = 'active' THEN NULL ELSE coalesce(left_on, $3) END
WHERE user_id = $1

-- name: remember_roles
UPDATE account SET graduate = now.graduate, administered = now.schools
FROM (
    SELECT
        account.user_id,
        account.user_id = ANY($2::text[]) AS graduate,
        coalesce(
            array_agg(office.school ORDER BY office.school) FILTER (WHERE office.school IS NOT NULL),
            '{}'
        ) AS schools
    FROM account
    LEFT JOIN unnest($3::text[], $4::text[]) AS office (user_id, school)
        ON office.user_id = account.user_id
    WHERE account.user_id = ANY($1::text[])
    GROUP BY account.user_id
) AS now
WHERE account.user_id = now.user_id
    AND (account.graduate, account.administered) IS DISTINCT FROM (now.graduate, now.schools)

-- name: lose_room
DELETE FROM room WHERE room_id = $1

-- name: meet_rooms
INSERT INTO room (room_id)
SELECT room_id FROM unnest($1::text[]) AS given (room_id)
WHERE NOT EXISTS (SELECT FROM room WHERE room.room_id = given.room_id)
ORDER BY room_id
ON CONFLICT (room_id) DO NOTHING

-- name: lock_rooms
SELECT number, room_id, key, ours FROM room
WHERE room_id = ANY($1::text[])
ORDER BY number
FOR NO KEY UPDATE

-- name: adopt_room
UPDATE room SET
    ours = true,
    version = $2,
    key = CASE WHEN sound.claimed <= $4 THEN $3 ELSE key END,
    kept = kept AND (sound.claimed > $4 OR key = $3),
    claimed = greatest(sound.claimed, $4)
FROM (
    SELECT CASE
        WHEN claimed > (extract(epoch FROM now()) * 1000 + 5000)::bigint * 65536 THEN 0 -- see note_state
        ELSE claimed
    END AS claimed
    FROM room WHERE number = $1
) AS sound
WHERE number = $1

-- name: note_origins
UPDATE room SET ours = given.ours, version = given.version
FROM unnest($1::integer[], $2::boolean[], $3::text[]) AS given (number, ours, version)
WHERE room.number = given.number AND room.ours IS NULL

-- name: forget_state_of_foreign
DELETE FROM room_state USING room
WHERE room.number = room_state.room AND room.number = ANY($1::integer[]) AND room.ours = false

-- name: forget_members_of_foreign
DELETE FROM room_member USING room
WHERE room.number = room_member.room AND room.number = ANY($1::integer[]) AND room.ours = false

-- name: claim_keys
UPDATE room SET
    key = given.key,
    claimed = given.seen,
    kept = kept AND given.key IS NOT NULL AND room.key = given.key
FROM unnest($1::integer[], $2::text[], $3::bigint[]) AS given (number, key, seen)
WHERE room.number = given.number AND (
    room.claimed < given.seen
    OR room.claimed > (extract(epoch FROM now()) * 1000 + 5000)::bigint * 65536 -- see note_state
)

-- name: note_state
-- What is known from a time that has not come yet was told by a clock that was wrong: it stands against
-- nothing that is told now. Five seconds are what clocks that agree may differ by.
INSERT INTO room_state (room, type, state_key, content, digest, seen)
SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::bit(128)[], $6::bigint[])
ON CONFLICT (room, type, state_key) DO UPDATE SET
    content = EXCLUDED.content,
    digest = EXCLUDED.digest,
    seen = EXCLUDED.seen
WHERE room_state.seen < EXCLUDED.seen
    OR room_state.seen > (extract(epoch FROM now()) * 1000 + 5000)::bigint * 65536

-- name: note_members
INSERT INTO room_member (room, user_id, membership, seen)
SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (room, user_id) DO UPDATE SET
    membership = EXCLUDED.membership,
    seen = EXCLUDED.seen
WHERE room_member.seen < EXCLUDED.seen
    OR room_member.seen > (extract(epoch FROM now()) * 1000 + 5000)::bigint * 65536

-- name: change_members
INSERT INTO room_member (room, user_id, membership, seen)
SELECT room.number, given.user_id, given.membership, $4
FROM room, unnest($2::text[], $3::text[]) AS given (user_id, membership)
WHERE room.room_id = $1
ON CONFLICT (room, user_id) DO UPDATE SET
    membership = EXCLUDED.membership,
    seen = EXCLUDED.seen
WHERE room_member.seen < EXCLUDED.seen
    OR room_member.seen > (extract(epoch FROM now()) * 1000 + 5000)::bigint * 65536

-- name: drop_other_state
UPDATE room_state SET content = '{}', digest = repeat('0', 128)::bit(128), seen = $4
WHERE room = $1
AND (seen < $4 OR seen > (extract(epoch FROM now()) * 1000 + 5000)::bigint * 65536)
AND NOT EXISTS (
    SELECT FROM unnest($2::text[], $3::text[]) AS given (type, state_key)
    WHERE given.type = room_state.type AND given.state_key = room_state.state_key
)

-- name: drop_other_members
UPDATE room_member SET membership = 'leave', seen = $3
WHERE room = $1
AND (seen < $3 OR seen > (extract(epoch FROM now()) * 1000 + 5000)::bigint * 65536)
AND NOT EXISTS (
    SELECT FROM unnest($2::text[]) AS given (user_id) WHERE given.user_id = room_member.user_id
)

-- name: renew_digests
UPDATE room SET state_digest = coalesce(
    (SELECT bit_xor(digest) FROM room_state WHERE room_state.room = room.number),
    repeat('0', 128)::bit(128)
)
WHERE number = ANY($1::integer[])

-- name: note_bot
UPDATE room SET bot_in = (member.membership = 'join')
FROM room_member AS member
WHERE room.number = ANY($1::integer[]) AND member.room = room.number AND member.user_id = $2

-- name: unkeep
-- Who loses its place: not ours any more, or another room has claimed the key later.
UPDATE room SET kept = false
WHERE kept AND key = ANY($1::text[]) AND number NOT IN (
    SELECT DISTINCT ON (key) number FROM room
    WHERE key = ANY($1::text[]) AND ours AND bot_in
    ORDER BY key, claimed DESC, room_id
)

-- name: keep
UPDATE room SET kept = true
WHERE NOT kept AND number IN (
    SELECT DISTINCT ON (key) number FROM room
    WHERE key = ANY($1::text[]) AND ours AND bot_in
    ORDER BY key, claimed DESC, room_id
)

-- name: take_transaction
-- No row when this very transaction was taken before.
INSERT INTO inbox (transaction_id, digest) VALUES ($1, $2)
ON CONFLICT (transaction_id) DO UPDATE SET digest = EXCLUDED.digest, taken_at = now()
WHERE inbox.digest <> EXCLUDED.digest
RETURNING true

-- name: forget_old_transactions
DELETE FROM inbox WHERE taken_at < now() - interval '14 days'

-- name: forget_old_leavers
DELETE FROM room_member WHERE membership = 'leave' AND seen < $1

-- name: forget_old_state
DELETE FROM room_state WHERE content = '{}' AND seen < $1

-- name: forget_old_strangers
DELETE FROM room WHERE ours IS NOT true AND met < now() - interval '30 days'
