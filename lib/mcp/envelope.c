#include "mcp/envelope.h"

#include <sodium.h>

#include "base/banned.h"

#define META "io.modelcontextprotocol/"

const char *const mcp_legacy_versions[] = { "2025-11-25", "2025-06-18", MCP_WITH_BATCHES,
	"2024-11-05", NULL };

const char *
mcp_legacy_version(struct span text)
{
	size_t i;

	for (i = 0; mcp_legacy_versions[i]; i++)
		if (rpc_is_name(text, mcp_legacy_versions[i]))
			return mcp_legacy_versions[i];
	return NULL;
}

static struct json_value
meta_of(const struct rpc_message *r, const char *name)
{
	struct json_value meta = rpc_member(&r->params, "_meta");

	return rpc_member(&meta, name);
}

bool
envelope_is_modern(const struct rpc_message *r, const struct mcp_headers *h)
{
	if (meta_of(r, META "protocolVersion").raw.p || rpc_is_name(r->method, "server/discover"))
		return true;
	return h && h->version.p && !mcp_legacy_version(h->version) &&
	    !rpc_is_name(r->method, "initialize");
}

/* ---- what it lacks ---- */

static enum rpc_code
tell(struct buf *message, enum rpc_code code, const char *text)
{
	buf_adds(message, text);
	return code;
}

static enum rpc_code
unsupported(struct span wanted, struct buf *message, struct buf *data)
{
	/* those of requests of this form, as server/discover has them */
	buf_adds(data, "{\"supported\":[\"" MCP_MODERN "\"],\"requested\":");
	json_add_string(data, wanted.p, wanted.n);
	buf_addc(data, '}');
	return tell(message, RPC_UNSUPPORTED_VERSION, "Unsupported protocol version");
}

/* ---- what the headers say ---- */

enum { BASE64_MAX = 4 * (RPC_NAME_MAX + 2) / 3 + 4 };

/* Whether the value of a header, which may be in base64, is that text. */
static bool
says(struct span header, struct span text)
{
	static const char begin[] = "=?base64?", end[] = "?=";
	const size_t a = sizeof(begin) - 1, z = sizeof(end) - 1;
	unsigned char decoded[BASE64_MAX];
	size_t n;

	if (!header.p || !text.p)
		return false;
	if (header.n < a + z || memcmp(header.p, begin, a) != 0 ||
	    memcmp(header.p + header.n - z, end, z) != 0)
		return span_eq(header, text);
	return sodium_base642bin(decoded, sizeof(decoded), header.p + a, header.n - a - z, NULL, &n,
		   NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    span_eq((struct span){ (const char *)decoded, n }, text);
}

/* The member that Mcp-Name repeats; NULL: the method has none. */
static const char *
named_by(struct span method)
{
	if (rpc_is_name(method, "tools/call") || rpc_is_name(method, "prompts/get"))
		return "name";
	return rpc_is_name(method, "resources/read") ? "uri" : NULL;
}

static enum rpc_code
check_headers(const struct rpc_message *r, const struct mcp_headers *h, struct buf *message)
{
	const char *member = named_by(r->method);
	struct json_value name;
	char room[RPC_NAME_MAX];

	if (!h->method.p || !span_eq(h->method, r->method))
		return tell(message, RPC_HEADER_MISMATCH,
		    h->method.p ? "Header mismatch: Mcp-Method is not the method of the body"
				: "Header mismatch: Mcp-Method is missing");
	if (!member)
		return RPC_OK;
	name = rpc_member(&r->params, member);
	if (!says(h->name, rpc_text(&name, room)))
		return tell(message, RPC_HEADER_MISMATCH,
		    h->name.p ? "Header mismatch: Mcp-Name is not the name or uri of the body"
			      : "Header mismatch: Mcp-Name is missing");
	return RPC_OK;
}

enum rpc_code
envelope_check(
    const struct rpc_message *r, const struct mcp_headers *h, struct buf *message, struct buf *data)
{
	struct json_value version = meta_of(r, META "protocolVersion");
	struct json_value capabilities = meta_of(r, META "clientCapabilities");
	char room[RPC_NAME_MAX];
	struct span wanted = rpc_text(&version, room);

	if (!wanted.p)
		return tell(message, RPC_INVALID_PARAMS,
		    "params._meta lacks " META "protocolVersion, such as \"" MCP_MODERN "\"");
	if (h && !h->version.p)
		return tell(message, RPC_HEADER_MISMATCH,
		    "Header mismatch: MCP-Protocol-Version is missing");
	if (h && !span_eq(h->version, wanted))
		return tell(message, RPC_HEADER_MISMATCH,
		    "Header mismatch: MCP-Protocol-Version is not the protocolVersion of the body");
	if (!rpc_is_name(wanted, MCP_MODERN))
		return unsupported(wanted, message, data);
	if (!capabilities.raw.p || capabilities.type != JSON_OBJECT)
		return tell(message, RPC_INVALID_PARAMS,
		    "params._meta lacks " META "clientCapabilities, an object");
	return h ? check_headers(r, h, message) : RPC_OK;
}
