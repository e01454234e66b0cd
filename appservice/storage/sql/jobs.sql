-- name: forget_log
DELETE FROM pgqueuer_log WHERE created < now() - interval '7 days'

-- name: forget_statistics
DELETE FROM pgqueuer_statistics WHERE created < now() - interval '7 days'
