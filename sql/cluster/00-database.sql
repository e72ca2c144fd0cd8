CREATE DATABASE IF NOT EXISTS {database:Identifier} ON CLUSTER '{cluster}';
