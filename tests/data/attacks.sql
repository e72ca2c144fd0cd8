SELECT file('{file}')
SELECT file('{dir}/data/mm-clickhouse.netrc')
SELECT file('{dir}/data/mm-clickhouse.env')
SELECT file('{dir}/data/mm-clickhouse.log')
SELECT file('{dir}/data/spool/waiting')
SELECT file('{dir}/data/store/../spool/waiting')
SELECT file('spool/waiting')
SELECT file('user_files/link')
SELECT file('../spool/waiting')
SELECT file('/etc/passwd')
SELECT file('/proc/{pid}/environ')
SELECT file('/proc/self/root{file}')
SELECT file('/proc/self/cwd/spool/waiting')
SELECT * FROM file('{file}', 'RawBLOB', 'x String')
SELECT * FROM file('/proc/self/environ', 'RawBLOB', 'x String')
SELECT * FROM file('*', 'RawBLOB', 'x String')
SELECT * FROM file('/dev/stdin', 'RawBLOB', 'x String')
SELECT * FROM fileCluster('default', '{file}', 'RawBLOB', 'x String')
SELECT * FROM filesystem('{dir}')
SELECT * FROM `{file}`
DESCRIBE TABLE file('{file}')
DESCRIBE TABLE file('{file}', 'CSVWithNames')
EXPLAIN SELECT * FROM file('{file}', 'RawBLOB', 'x String')
SELECT * FROM view(SELECT * FROM file('{file}', 'RawBLOB', 'x String'))
SELECT * FROM loop(file('{file}', 'RawBLOB', 'x String')) LIMIT 1
SELECT * FROM eval('SELECT file(''{file}'')') SETTINGS allow_experimental_eval_table_function = 1
CREATE VIEW v AS SELECT * FROM file('{file}', 'RawBLOB', 'x String')
CREATE MATERIALIZED VIEW mv REFRESH EVERY 1 SECOND ENGINE = Memory AS SELECT * FROM file('{file}', 'RawBLOB', 'x String')
CREATE VIEW v DEFINER = default SQL SECURITY DEFINER AS SELECT 1
CREATE VIEW v SQL SECURITY NONE AS SELECT * FROM file('{file}', 'RawBLOB', 'x String')
CREATE TABLE f AS file('{file}', 'RawBLOB', 'x String')
CREATE TABLE f (x String DEFAULT file('{file}')) ENGINE = Memory AS SELECT file('{file}') AS x
CREATE TABLE f (x String) ENGINE = File(RawBLOB, '{file}')
CREATE TABLE f (x String) ENGINE = FileLog('{dir}', 'RawBLOB')
CREATE TABLE f (x String) ENGINE = EmbeddedRocksDB(0, '{dir}/rocks') PRIMARY KEY x
CREATE TABLE f (x String) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = local, path = '{dir}/disk/')
CREATE TABLE f (x String) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = object_storage, object_storage_type = local, metadata_type = plain, path = '{dir}/disk/')
CREATE TABLE f (x String) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = encrypted, disk = 'default', path = '../disk/', key = '1234567812345678')
CREATE TEMPORARY TABLE f (x String) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = local, path = '{dir}/disk/')
ATTACH TABLE f FROM '{dir}' (x String) ENGINE = MergeTree ORDER BY x
CREATE DATABASE d ENGINE = Filesystem('{dir}')
CREATE DATABASE d ENGINE = SQLite('{dir}/sqlite')
CREATE DATABASE d ENGINE = Backup('default', File('{dir}/backup'))
SELECT * FROM sqlite('{dir}/sqlite', 't')
SELECT * FROM icebergLocal('{dir}')
SELECT * FROM deltaLakeLocal('{dir}')
SELECT * FROM paimonLocal('{dir}')
INSERT INTO FUNCTION file('{dir}/written', 'RawBLOB', 'x String') SELECT 'x'
INSERT INTO FUNCTION file('{dir}/data/spool/written', 'RawBLOB', 'x String') SELECT 'x'
SELECT 1 INTO OUTFILE '{dir}/written'
SELECT 1 INTO OUTFILE '{dir}/data/spool/written'
SELECT * FROM format(CSV, 'x Int8', 'zz') SETTINGS input_format_record_errors_file_path = '{dir}/written', input_format_allow_errors_num = 10
SELECT 1 AS a FORMAT Template SETTINGS format_template_resultset = '{file}'
SELECT 1 AS a FORMAT Template SETTINGS format_template_row = '{file}'
SELECT '1' AS x FORMAT Protobuf SETTINGS format_schema = '{file}:M'
SELECT '1' AS x FORMAT CapnProto SETTINGS format_schema = '{file}:M'
DESCRIBE format(Protobuf, 'xx') SETTINGS format_schema = '{file}:M'
SELECT catboostEvaluate('{file}', 1)
BACKUP DATABASE default TO File('{dir}/backup')
BACKUP DATABASE default TO Disk('default', 'backup')
RESTORE DATABASE default FROM File('{dir}/backup')
ALTER TABLE t FREEZE
CREATE DICTIONARY d (x String) PRIMARY KEY x SOURCE(FILE(path '{file}' format 'TSV')) LAYOUT(FLAT()) LIFETIME(0)
CREATE DICTIONARY d (x String) PRIMARY KEY x SOURCE(HTTP(url '{url}dictionary' format 'TSV')) LAYOUT(FLAT()) LIFETIME(0)
CREATE DICTIONARY d (x String) PRIMARY KEY x SOURCE(EXECUTABLE(command 'touch {dir}/written' format 'TSV')) LAYOUT(FLAT()) LIFETIME(0)
SELECT * FROM executable('touch', 'TSV', 'x String')
SELECT * FROM executable('../../../bin/touch {dir}/written', 'TSV', 'x String')
CREATE TABLE f (x String) ENGINE = Executable('touch', 'TSV')
CREATE TABLE f (x String) ENGINE = ExecutablePool('touch', 'TSV')
CREATE FUNCTION f AS x -> file(x)
SELECT * FROM url('{url}url', 'RawBLOB', 'x String')
SELECT * FROM urlCluster('default', '{url}url', 'RawBLOB', 'x String')
DESCRIBE TABLE url('{url}url', 'CSVWithNames')
INSERT INTO FUNCTION url('{url}url', 'RawBLOB', 'x String') SELECT 'x'
INSERT INTO FUNCTION url('file://{dir}/written', 'RawBLOB', 'x String') SELECT 'x'
CREATE TABLE f (x String) ENGINE = URL('{url}url', 'RawBLOB')
CREATE TEMPORARY TABLE f (x String) ENGINE = URL('{url}url', 'RawBLOB')
SELECT * FROM s3('{url}bucket/key', NOSIGN, 'RawBLOB', 'x String')
SELECT * FROM gcs('{url}bucket/key', 'RawBLOB', 'x String')
SELECT * FROM azureBlobStorage('{url}account', 'container', 'blob')
SELECT * FROM hdfs('hdfs://{host}/x', 'TSV', 'x String')
SELECT * FROM iceberg('{url}bucket/key')
SELECT * FROM deltaLake('{url}bucket/key')
SELECT * FROM hudi('{url}bucket/key')
SELECT * FROM remote('{host}', system.one)
SELECT * FROM remoteSecure('{host}', system.one)
SELECT * FROM remote('127.0.0.2', system.one)
SELECT * FROM cluster('default', system.one)
SELECT * FROM clusterAllReplicas('default', system.one)
SELECT * FROM mysql('{host}', 'd', 't', 'u', 'p')
SELECT * FROM postgresql('{host}', 'd', 't', 'u', 'p')
SELECT * FROM redis('{host}', 'k', 'k String, v String')
SELECT * FROM mongodb('{host}', 'd', 'c', 'u', 'p', 'x String')
SELECT * FROM jdbc('jdbc:x://{host}/', 's', 't')
SELECT * FROM odbc('DSN={host}', 's', 't')
SELECT * FROM ytsaurus('{url}', 'x', 'y', 'x String')
CREATE TABLE f (x String) ENGINE = Distributed('default', 'system', 'one')
CREATE TABLE f (x String) ENGINE = S3('{url}bucket/key', NOSIGN, 'RawBLOB')
CREATE TABLE f (x String) ENGINE = Kafka('{host}', 't', 'g', 'RawBLOB')
CREATE TABLE f (x String) ENGINE = MySQL('{host}', 'd', 't', 'u', 'p')
CREATE TABLE f (x String) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = web, endpoint = '{url}disk/')
CREATE TABLE f (x String) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = s3, endpoint = '{url}disk/', access_key_id = 'x', secret_access_key = 'y')
CREATE TABLE f (x String) ENGINE = MergeTree ORDER BY x SETTINGS disk = disk(type = s3, endpoint = 'from_env MM_IP_SALT', access_key_id = 'x', secret_access_key = 'y')
CREATE DATABASE d ENGINE = MySQL('{host}', 'd', 'u', 'p')
CREATE DATABASE d ENGINE = PostgreSQL('{host}', 'd', 'u', 'p')
CREATE DATABASE d ENGINE = S3('{url}bucket')
CREATE DATABASE d ENGINE = DataLakeCatalog('{url}') SETTINGS catalog_type = 'rest'
CREATE DATABASE d ENGINE = Replicated('/x', 'y', 'z')
CREATE DATABASE d ENGINE = Atomic SETTINGS disk = disk(type = local, path = '{dir}/disk/')
BACKUP DATABASE default TO S3('{url}bucket/key', 'x', 'y')
DESCRIBE format(AvroConfluent, unhex('0000000001')) SETTINGS format_avro_schema_registry_url = '{url}avro'
SET dynamic_disk_allow_from_env = 1
SELECT aiGenerate('x') SETTINGS allow_experimental_ai_functions = 1
CREATE NAMED COLLECTION c AS url = '{url}'
CREATE USER u
CREATE ROLE r
ALTER USER millimetric IDENTIFIED BY 'x'
ALTER USER default IDENTIFIED BY 'x'
GRANT FILE ON *.* TO millimetric
EXECUTE AS default
SHOW CREATE USER millimetric
SYSTEM SHUTDOWN
SYSTEM KILL
SYSTEM STOP LISTEN HTTP
SYSTEM START LISTEN TCP
SYSTEM RELOAD CONFIG
SYSTEM RELOAD USERS
SYSTEM FLUSH LOGS
SYSTEM DROP CACHE
SYSTEM ENABLE FAILPOINT dummy_failpoint
SELECT addressToSymbol(0) SETTINGS allow_introspection_functions = 1
