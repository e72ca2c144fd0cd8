#include "mcp/schema.h"

#include "text/json.h"

#include "base/banned.h"

static void
add_text(struct buf *b, const char *before, const char *text)
{
	buf_adds(b, before);
	json_add_string(b, text, strlen(text));
}

static void
add_bounds(struct buf *b, const struct argument *a, const char *min, const char *max)
{
	if (a->min)
		buf_addf(b, ",\"%s\":%u", min, a->min);
	if (a->max)
		buf_addf(b, ",\"%s\":%u", max, a->max);
}

static void
add_choices(struct buf *b, const char *choices)
{
	static const char between[] = "|, ", properties[] = "properties.NAME";
	const char *p = choices, *comma = "";
	bool open = strstr(choices, properties) != NULL;

	buf_adds(b, "\"type\":\"string\",");
	buf_adds(b, open ? "\"anyOf\":[{\"enum\":[" : "\"enum\":[");
	while (*(p += strspn(p, between))) {
		size_t n = strcspn(p, between);

		if (!span_eq((struct span){ p, n }, span_of(properties))) {
			buf_adds(b, comma);
			json_add_string(b, p, n);
			comma = ",";
		}
		p += n;
	}
	buf_adds(b, open ? "]},{\"pattern\":\"^properties[.].\"}]" : "]");
}

static void
add_type(struct buf *b, const struct argument *a)
{
	switch (a->kind) {
	case ARGUMENT_TEXT:
		buf_adds(b, "\"type\":\"string\"");
		add_bounds(b, a, "minLength", "maxLength");
		break;
	case ARGUMENT_CHOICE:
		add_choices(b, a->choices);
		break;
	case ARGUMENT_CHOICES:
		buf_adds(b, "\"type\":\"array\",\"uniqueItems\":true,\"items\":{");
		add_choices(b, a->choices);
		buf_addc(b, '}');
		break;
	case ARGUMENT_TEXTS:
		buf_adds(b, "\"type\":\"array\"");
		add_bounds(b, a, "minItems", "maxItems");
		buf_adds(b, ",\"items\":{\"type\":\"string\"}");
		break;
	case ARGUMENT_NUMBER:
		buf_adds(b, "\"type\":\"integer\"");
		add_bounds(b, a, "minimum", "maximum");
		break;
	case ARGUMENT_OBJECT:
		buf_adds(b, "\"type\":\"object\"");
		break;
	}
}

static void
add_default(struct buf *b, const struct argument *a)
{
	if (!a->fallback)
		return;
	if (a->kind == ARGUMENT_NUMBER)
		buf_addf(b, ",\"default\":%s", a->fallback);
	else
		add_text(b, ",\"default\":", a->fallback);
}

void
argument_add_schema(struct buf *b, const struct argument *arguments, unsigned allowed)
{
	const struct argument *a;
	const char *comma = "";
	bool any = false;

	buf_adds(b, "{\"type\":\"object\",\"properties\":{");
	for (a = arguments; a->name; a++) {
		if (!mcp_may(allowed, a->needs))
			continue;
		add_text(b, comma, a->name);
		buf_adds(b, ":{");
		add_type(b, a);
		add_default(b, a);
		if (a->about)
			add_text(b, ",\"description\":", a->about);
		buf_addc(b, '}');
		comma = ",";
	}
	buf_addc(b, '}');
	for (a = arguments; a->name; a++) {
		if (!a->required || !mcp_may(allowed, a->needs))
			continue;
		add_text(b, any ? "," : ",\"required\":[", a->name);
		any = true;
	}
	if (any)
		buf_addc(b, ']');
	buf_adds(b, ",\"additionalProperties\":false}");
}
