DROP TABLE autopilot_syncs;
DROP TABLE removed_imports;
DROP TABLE device_policy_updates;
DROP TABLE device_policy_jobs;
ALTER TABLE devices DROP COLUMN addressable_user_name;
DROP INDEX devices_policy;
ALTER TABLE devices DROP COLUMN policy_id;
DROP TABLE device_policies;
