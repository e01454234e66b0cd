-- name: try_lock
SELECT pg_try_advisory_lock(hashtextextended('school-spaces ' || $1, 0))

-- name: unlock
SELECT pg_advisory_unlock(hashtextextended('school-spaces ' || $1, 0))

-- name: who_holds
WITH wanted AS (SELECT hashtextextended('school-spaces ' || $1, 0) AS number)
SELECT activity.application_name, activity.backend_start AS since
FROM wanted
JOIN pg_locks AS held
    ON held.locktype = 'advisory'
    AND held.granted
    AND held.objsubid = 1
    AND held.classid::bigint = (wanted.number >> 32) & 4294967295
    AND held.objid::bigint = wanted.number & 4294967295
JOIN pg_database AS here ON here.oid = held.database AND here.datname = current_database()
JOIN pg_stat_activity AS activity ON activity.pid = held.pid
LIMIT 1
