-- Which of these files have been applied here; kept by mm-schema.  Two runs beside each other
-- may record a step twice.  All servers are replicas of this one.
CREATE TABLE IF NOT EXISTS {database:Identifier}.schema_steps ON CLUSTER '{cluster}'
(
    number UInt16,
    name String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    version String COMMENT 'of the tools that applied it; empty when it was found applied'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (number, name);
