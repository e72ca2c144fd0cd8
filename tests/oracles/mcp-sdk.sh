#!/bin/sh
# Prints where the official client of the Model Context Protocol is for the revisions with
# a handshake, pinned and fetched by npm; that of 2026-07-28 is the folder `client` beside it.
set -eu

sdk=1.32.2
client=2.4.0
modules=$("${0%/*}/../npm.sh" mcp-sdk $sdk-$client \
	@modelcontextprotocol/sdk@$sdk @modelcontextprotocol/client@$client)
echo "$modules/@modelcontextprotocol/sdk"
