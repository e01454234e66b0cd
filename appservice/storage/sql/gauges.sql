-- name: queue
-- Jobs that wait for later are not late yet.
SELECT entrypoint,
       count(*) FILTER (WHERE status = 'queued' AND execute_after <= now()) AS due,
       count(*) FILTER (WHERE status = 'queued' AND execute_after > now()) AS later,
       count(*) FILTER (WHERE status = 'picked') AS under_way,
       coalesce(max(extract(epoch FROM now() - greatest(created, execute_after)))
                FILTER (WHERE status = 'queued' AND execute_after <= now()), 0)::float8 AS lag_s
FROM pgqueuer GROUP BY entrypoint

-- name: runs
SELECT kind, coalesce(outcome, '') AS outcome, count(*) AS number
FROM run GROUP BY kind, coalesce(outcome, '')
