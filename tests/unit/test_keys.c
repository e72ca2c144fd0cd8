#define _XOPEN_SOURCE 700 /* mkdtemp */
/*
 * Keys: their text, the file, the table, the origins, when they were used.
 */
#include "serve/keys.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "serve/keys_file.h"
#include "serve/keys_origin.h"
#include "serve/keys_record.h"
#include "serve/keys_used.h"

#include "check.h"

#include "base/banned.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
#define PEPPER "0123456789abcdef0123456789abcdef"

static const struct span pepper = { PEPPER, sizeof(PEPPER) - 1 };

/* ---- texts of keys ---- */

/* A token of any secret, with its right checksum, made by other code than the module's. */
static struct span
token_of(char *w, const char *id, const char *random)
{
	static const char digits[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	int n = snprintf(w, 256, "%s_%s", id, random);
	unsigned long sum = crc32(0, (const unsigned char *)w, (unsigned)n);
	int i;

	for (i = 5; i >= 0; i--, sum /= 62)
		w[n + i] = digits[sum % 62];
	return (struct span){ w, (size_t)n + 6 };
}

static void
test_made_tokens(void)
{
	char token[KEY_TOKEN], other[KEY_TOKEN];
	struct key_token t;
	int kind, test, i, j;

	for (kind = 0; kind < KEY_KINDS; kind++) {
		for (test = 0; test < 2; test++) {
			key_token_make(token, (enum key_kind)kind, test);
			key_token_make(other, (enum key_kind)kind, test);
			CHECK(memcmp(token, other, KEY_TOKEN) != 0, "twice the same");
			CHECK(key_token_read(&t, (struct span){ token, KEY_TOKEN }) ==
				    KEY_FORM_GOOD &&
				t.kind == (enum key_kind)kind && t.test == test,
			    "%.*s", KEY_ID, token);
		}
	}
	/* one character changed, two swapped, one lost or doubled: never taken for a key */
	for (i = KEY_ID - KEY_PREFIX; i < KEY_TOKEN; i++) {
		for (j = 0; j < 256; j++) {
			memcpy(other, token, KEY_TOKEN);
			if ((unsigned char)token[i] == j)
				continue;
			other[i] = (char)j;
			CHECK(
			    key_token_read(&t, (struct span){ other, KEY_TOKEN }) != KEY_FORM_GOOD,
			    "byte %d at %d", j, i);
		}
	}
	for (i = 0; i < KEY_TOKEN; i++)
		CHECK(key_token_read(&t, (struct span){ token, (size_t)i }) != KEY_FORM_GOOD,
		    "cut to %d", i);
}

static void
test_token_forms(void)
{
	static const char good[] = "0123456789abcdefghijABCDEF", /* 26, and 6 */
	    with_lines[] = "a_b_c_d-e_f-0123456789abcdefghij";
	char w[512];
	struct key_token t;

	CHECK(key_token_read(&t, token_of(w, "pk_live_00ff00ff", good)) == KEY_FORM_GOOD &&
		t.secret.n == 32,
	    "the shortest");
	CHECK(key_token_read(&t, token_of(w, "ak_test_00ff00ff", with_lines)) == KEY_FORM_GOOD &&
		t.test && t.kind == KEY_AK && t.secret.n == strlen(with_lines) + 6,
	    "a secret may hold _");
	CHECK(key_token_read(&t, token_of(w, "pk_live_00ff00ff", good + 1)) == KEY_FORM_MALFORMED,
	    "one too short");
	CHECK(key_token_read(&t, token_of(w, "xk_live_00ff00ff", good)) == KEY_FORM_MALFORMED,
	    "kind");
	CHECK(
	    key_token_read(&t, token_of(w, "pk_prod_00ff00ff", good)) == KEY_FORM_MALFORMED, "env");
	CHECK(key_token_read(&t, token_of(w, "pk_live_00FF00ff", good)) == KEY_FORM_MALFORMED,
	    "prefix");
	CHECK(key_token_read(&t, SPAN("")) == KEY_FORM_MALFORMED, "nothing");
	CHECK(key_token_read(&t, SPAN("pk_live_00ff00ff_0123456789abcdefghijABCDEF000000")) ==
		KEY_FORM_MISTYPED,
	    "the checksum");
}

/* ---- the table ---- */

/* Appends the line of a key, as whoever knows the format would. */
static void
add_line(struct buf *b, struct span token, const char *more)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	struct buf both = BUF_INIT;
	char hex[2 * sizeof(hash) + 1];

	buf_add(&both, token.p + 17, token.n - 17);
	buf_adds(&both, PEPPER);
	crypto_hash_sha256(hash, (const unsigned char *)both.p, both.n);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	buf_addf(b,
	    "{\"type\":\"key\",\"kind\":\"%.2s\",\"env\":\"%.4s\",\"prefix\":\"%.8s\","
	    "\"sha256\":\"%s\",\"created\":\"2026-05-16T19:00:00Z\"%s}\n",
	    token.p, token.p + 3, token.p + 8, hex, more);
	buf_release(&both);
}

static struct keys *
parse(const struct buf *b)
{
	struct buf errors = BUF_INIT;
	struct keys *k = keys_parse("keys", (struct span){ b->p, b->n }, pepper, &errors);

	CHECK(k && errors.n == 0, "%.*s", (int)errors.n, errors.p);
	buf_release(&errors);
	return k;
}

#define OF_PROJECT ",\"project\":\"" PROJECT "\""
#define RANDOM(c) c "123456789012345678901234567890123456789"

static void
test_find(void)
{
	char w[7][512];
	struct buf b = BUF_INIT;
	const struct key *key;
	struct keys *k;
	struct span pk = token_of(w[0], "pk_live_0a0b0c0d", RANDOM("a"));
	struct span same_prefix = token_of(w[1], "pk_live_0a0b0c0d", RANDOM("b"));
	struct span other_kind = token_of(w[2], "sk_live_0a0b0c0d", RANDOM("a"));
	struct span revoked = token_of(w[3], "sk_live_ffffffff", RANDOM("c"));
	struct span ends = token_of(w[4], "rk_test_00000000", RANDOM("d"));
	struct span unknown = token_of(w[5], "pk_live_0a0b0c0d", RANDOM("e"));
	struct span no_prefix = token_of(w[6], "pk_live_77777777", RANDOM("e"));
	int64_t may = INT64_C(1778958000000); /* 2026-05-16T19:00:00Z */

	add_line(&b, pk, OF_PROJECT);
	add_line(&b, same_prefix, OF_PROJECT);
	add_line(&b, revoked, OF_PROJECT ",\"revoked\":\"2026-05-16T18:00:00Z\"");
	add_line(&b, ends, OF_PROJECT ",\"revoked\":\"2026-05-16T20:00:00Z\"");
	k = parse(&b);
	CHECK(keys_find(k, pk, may, &key) == KEY_OK && key->kind == KEY_PK && key->project == 0,
	    "the first");
	CHECK(keys_find(k, same_prefix, may, &key) == KEY_OK && key->number == 1,
	    "two of one prefix");
	CHECK(keys_find(k, other_kind, may, &key) == KEY_UNKNOWN && !key,
	    "the secret of a pk is that of no sk");
	CHECK(keys_find(k, unknown, may, &key) == KEY_UNKNOWN && !key, "a wrong secret");
	CHECK(keys_find(k, no_prefix, may, &key) == KEY_UNKNOWN && !key, "no such prefix");
	CHECK(keys_find(k, revoked, may, &key) == KEY_REVOKED && key, "revoked");
	CHECK(keys_find(k, ends, may + 3599999, &key) == KEY_OK && key->test, "before its end");
	CHECK(keys_find(k, ends, may + 3600000, &key) == KEY_REVOKED, "at its end");
	CHECK(keys_find(k, SPAN("nonsense"), may, &key) == KEY_MALFORMED && !key, "malformed");
	w[0][20] ^= 1;
	CHECK(keys_find(k, pk, may, &key) == KEY_MISTYPED && !key, "mistyped");
	w[0][20] ^= 1;
	keys_free(k);

	/* the same key twice, once revoked, in either order */
	buf_reset(&b);
	add_line(&b, pk, OF_PROJECT ",\"revoked\":\"2026-05-16T18:00:00Z\"");
	add_line(&b, pk, OF_PROJECT);
	add_line(&b, ends, OF_PROJECT);
	add_line(&b, ends, OF_PROJECT ",\"revoked\":\"2026-05-16T18:00:00Z\"");
	k = parse(&b);
	CHECK(keys_find(k, pk, may, &key) == KEY_REVOKED, "revoked first");
	CHECK(keys_find(k, ends, may, &key) == KEY_REVOKED, "revoked last");
	keys_free(k);
	buf_release(&b);
}

/* Each of a thousand keys, of few prefixes, is found, and no other. */
static void
test_many(void)
{
	enum { KEYS = 1000 };
	static char w[KEYS][256];
	struct span token[KEYS];
	struct buf b = BUF_INIT;
	const struct key *key;
	struct keys *k;
	size_t n;
	int i;

	for (i = 0; i < KEYS; i++) {
		char id[32], secret[64];

		snprintf(id, sizeof(id), "%s_live_%08x", i % 3 ? "sk" : "rk", i * 7919 % 50);
		snprintf(secret, sizeof(secret), "%040d", i);
		token[i] = token_of(w[i], id, secret);
		add_line(&b, token[i], OF_PROJECT);
	}
	k = parse(&b);
	for (i = 0; i < KEYS; i++)
		CHECK(keys_find(k, token[i], 0, &key) == KEY_OK && key->number == (size_t)i,
		    "key %d", i);
	keys_all(k, &n);
	CHECK(n == KEYS, "%zu keys", n);
	keys_projects(k, &n);
	CHECK(n == 1, "%zu projects", n);
	keys_free(k);
	buf_release(&b);
}

/* Who has the file and not the pepper has nothing that the door opens for. */
static void
test_leaked_file(void)
{
	char w[512], from_file[512];
	struct buf b = BUF_INIT, errors = BUF_INIT;
	struct span token = token_of(w, "sk_live_0a0b0c0d", RANDOM("a"));
	struct span text, secret = { token.p + 17, token.n - 17 };
	const struct key *key;
	struct keys *k;
	char hash[65] = { 0 };

	add_line(&b, token, OF_PROJECT);
	text = (struct span){ b.p, b.n };
	CHECK(!span_holds(text, secret) && !span_holds(text, pepper), "holds the secret");
	memcpy(hash, b.p + span_find(text, SPAN("sha256")) + 9, 64);
	k = parse(&b);
	CHECK(keys_find(k, token_of(from_file, "sk_live_0a0b0c0d", hash), 0, &key) == KEY_UNKNOWN,
	    "the hash is no secret");
	keys_free(k);
	/* whoever guesses the secret still can't tell without the pepper */
	k = keys_parse("keys", text, SPAN("another pepper of some length"), &errors);
	CHECK(k && keys_find(k, token, 0, &key) == KEY_UNKNOWN, "another pepper");
	keys_free(k);
	k = keys_parse("keys", text, (struct span){ NULL, 0 }, &errors);
	CHECK(k && keys_find(k, token, 0, &key) == KEY_UNKNOWN, "no pepper");
	keys_free(k);
	buf_release(&errors);
	buf_release(&b);
}

static void
test_lines(void)
{
	static const struct {
		const char *text, *error; /* NULL: good */
	} row[] = {
		{ "", NULL },
		{ "\n\n \t\n", NULL },
		{ "{\"type\":\"project\",\"project\":\"" PROJECT "\"}", NULL },
		{ "{\"type\":\"of a version to come\",\"kind\":7}", NULL },
		{ "{\"type\":\"project\",\"project\":\"" PROJECT "\",\"limits\":{\"track\":null,"
		  "\"batch\":{\"burst\":1,\"per_second\":1,\"x\":[]},\"new\":3}}",
		    NULL },
		{ "x", "keys:1: expected a JSON object\n" },
		{ "{}", "keys:1: type: expected key or project\n" },
		{ "\n{\"type\":\"project\"}", "keys:2: project: expected a UUID\n" },
		{ "{\"type\":\"project\",\"type\":\"key\"}", "keys:1: a name stands twice\n" },
		{ "{\"type\":\"key\"}",
		    "keys:1: kind, env and prefix: expected pk, sk, rk or ak, live or test, 8 hex "
		    "digits\n" },
		{ "{\"type\":\"key\",\"kind\":\"ak\",\"env\":\"live\",\"prefix\":\"00000000\","
		  "\"sha256\":\"" PEPPER PEPPER "\",\"created\":1778958000}",
		    "keys:1: created: expected a date-time of RFC 3339\n" },
		{ "{\"type\":\"project\",\"project\":\"" PROJECT
		  "\",\"limits\":{\"track\":{\"per_second\":0,\"burst\":1}}}",
		    "keys:1: limits: expected null or {\"per_second\":N,\"burst\":N}\n" },
		{ "{\"type\":\"project\",\"project\":\"" PROJECT
		  "\",\"limits\":{\"track\":{\"per_second\":5}}}",
		    "keys:1: limits: expected null or {\"per_second\":N,\"burst\":N}\n" },
		{ "{\"type\":\"project\",\"project\":\"" PROJECT "\"}\n"
		  "{\"type\":\"project\",\"project\":\"" PROJECT "\"}",
		    "keys:2: the project stands twice\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf errors = BUF_INIT;
		size_t n = strlen(row[i].text);
		char *text = exact_copy(row[i].text, n);
		struct keys *k = keys_parse("keys", (struct span){ text, n }, pepper, &errors);

		CHECK(!k == !!row[i].error &&
			is_text(errors.p, errors.n, row[i].error ? row[i].error : ""),
		    "%s: %.*s", row[i].text, (int)errors.n, errors.p);
		keys_free(k);
		buf_release(&errors);
		free(text);
	}
}

/* What a line holds beside stays byte for byte. */
static void
test_change(void)
{
	static const struct {
		const char *line, *after;
	} row[] = {
		{ "{}", "{\"revoked\":null,\"x\":1}" },
		{ "{\"new\":{\"a\" : [1, 2]},\"revoked\":\"y\"}",
		    "{\"new\":{\"a\" : [1, 2]},\"revoked\":null,\"x\":1}" },
		{ "{ \"x\" : 2 , \"\\u0072evoked\":0,\"z\":1e3}",
		    "{\"x\":1,\"\\u0072evoked\":null,\"z\":1e3}" },
	};
	struct record_member member[] = { { "revoked", SPAN("null") }, { "x", SPAN("1") } };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf b = BUF_INIT;

		record_change(&b, span_of(row[i].line), member, 2);
		CHECK(is_text(b.p, b.n, row[i].after), "%.*s", (int)b.n, b.p);
		buf_release(&b);
	}
}

/* ---- origins ---- */

static void
test_origins(void)
{
	static const struct {
		const char *text, *normal; /* NULL: none */
	} row[] = {
		{ "https://www.example.com", "https://www.example.com" },
		{ "HTTPS://WWW.Example.COM/", "https://www.example.com" },
		{ "https://example.com:443", "https://example.com" },
		{ "http://example.com:80", "http://example.com" },
		{ "http://example.com:443", "http://example.com:443" },
		{ "https://example.com:00080", "https://example.com:80" },
		{ "http://localhost:3000", "http://localhost:3000" },
		{ "http://127.1", "http://127.0.0.1" },
		{ "http://[2001:DB8::0:1]:8080", "http://[2001:db8::1]:8080" },
		{ "https://b\xc3\xbc"
		  "cher.example",
		    "https://xn--bcher-kva.example" },
		{ "capacitor://localhost", "capacitor://localhost" },
		{ "chrome-extension://abcdefghij", "chrome-extension://abcdefghij" },
		{ "null", NULL },
		{ "", NULL },
		{ "*", NULL },
		{ "https://*.example.com", NULL },
		{ "example.com", NULL },
		{ "//example.com", NULL },
		{ "https://", NULL },
		{ "https://example.com/a", NULL },
		{ "https://example.com//", NULL },
		{ "https://example.com?", NULL },
		{ "https://example.com#", NULL },
		{ "https://u@example.com", NULL },
		{ "https://example.com:99999", NULL },
		{ "https://exa mple.com", NULL },
		{ "https://example.com\n", NULL },
		{ "file:///", NULL },
		{ "mailto:a@example.com", NULL },
		{ "app://a\tb", NULL },
		{ "app://a<b", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char *text = exact_copy(row[i].text, strlen(row[i].text)), w[ORIGIN_MOST];
		size_t n = 0;
		const char *wrong =
		    origin_normal((struct span){ text, strlen(row[i].text) }, w, &n);

		CHECK(row[i].normal ? !wrong && is_text(w, n, row[i].normal) : wrong != NULL,
		    "%s: %.*s", row[i].text, (int)n, w);
		free(text);
	}
}

static void
test_allowed_origins(void)
{
	char w[2][512];
	struct buf b = BUF_INIT;
	const struct key *key;
	struct keys *k;
	struct span none = { NULL, 0 }, example = SPAN("https://example.com");
	struct span pk = token_of(w[0], "pk_live_0a0b0c0d", RANDOM("a"));
	struct span sk = token_of(w[1], "sk_live_0a0b0c0e", RANDOM("b"));

	add_line(&b, pk, OF_PROJECT ",\"origins\":[\"https://Example.com:443\",\"http://x\"]");
	add_line(&b, sk, OF_PROJECT ",\"origins\":[]");
	k = parse(&b);
	keys_find(k, pk, 0, &key);
	CHECK(key_allows_origin(key, example), "on the list");
	CHECK(key_allows_origin(key, SPAN("http://x")), "also the second");
	CHECK(!key_allows_origin(key, none), "a pk needs one");
	CHECK(!key_allows_origin(key, SPAN("")), "empty");
	CHECK(!key_allows_origin(key, SPAN("null")), "null");
	CHECK(!key_allows_origin(key, SPAN("https://example.com.evil.example")), "longer");
	CHECK(!key_allows_origin(key, SPAN("https://example.co")), "shorter");
	CHECK(!key_allows_origin(key, SPAN("http://example.com")), "another scheme");
	CHECK(!key_allows_origin(key, SPAN("https://example.com:8443")), "another port");
	CHECK(!key_allows_origin(key, SPAN("https://www.example.com")), "another host");
	CHECK(keys_allow_origin(k, example) && !keys_allow_origin(k, SPAN("https://y")), "any");
	keys_find(k, sk, 0, &key);
	CHECK(key_allows_origin(key, none) && key_allows_origin(key, example), "an sk needs none");
	keys_free(k);
	buf_release(&b);
}

/* ---- files ---- */

static void
put(const char *path, const struct buf *b)
{
	CHECK(fd_replace(path, b->p, b->n) == 0 && chmod(path, 0600) == 0, "%s", path);
}

static void
test_files(void)
{
	char dir[] = "/tmp/mm-test-keys-XXXXXX", w[512];
	struct buf b = BUF_INIT, errors = BUF_INIT, secret = BUF_INIT;
	struct keys_source source = { .path = "keys" };
	struct span token = token_of(w, "sk_live_0a0b0c0d", RANDOM("a"));
	const struct key *key;
	struct keys *k;
	int home = open(".", O_RDONLY | O_DIRECTORY);

	CHECK(mkdtemp(dir) && chdir(dir) == 0, "no directory");
	CHECK(!keys_load(&source, &errors) && errors.n > 0, "no file");
	add_line(&b, token, OF_PROJECT);
	buf_adds(&secret, PEPPER "\n");
	put("keys", &b);
	CHECK(keys_changed(&source), "it is there now");
	buf_reset(&errors);
	CHECK(!keys_load(&source, &errors) &&
		is_text(errors.p, errors.n, "keys.pepper: No such file or directory\n"),
	    "no pepper");
	put("keys.pepper", &secret);
	CHECK(keys_changed(&source), "the pepper is there now");
	k = keys_load(&source, &errors);
	CHECK(k && keys_find(k, token, 0, &key) == KEY_OK, "found");
	keys_free(k);
	CHECK(keys_changed(&source), "written just now: it is looked at again");
	nanosleep(&(struct timespec){ 0, 150000000 }, NULL);
	keys_free(keys_load(&source, &errors));
	CHECK(!keys_changed(&source), "nothing has changed");
	put("keys", &b);
	CHECK(keys_changed(&source), "written again");
	CHECK(chmod("keys", 0640) == 0, "chmod");
	buf_reset(&errors);
	CHECK(!keys_load(&source, &errors) &&
		span_holds((struct span){ errors.p, errors.n }, SPAN("chmod 600")),
	    "the group reads");
	CHECK(chmod("keys", 0600) == 0 && chmod("keys.pepper", 0604) == 0, "chmod");
	CHECK(!keys_load(&source, &errors), "others read the pepper");
	CHECK(unlink("keys") == 0 && unlink("keys.pepper") == 0, "unlink");
	CHECK(fchdir(home) == 0 && rmdir(dir) == 0, "rmdir");
	close(home);
	buf_release(&b);
	buf_release(&errors);
	buf_release(&secret);
}

static void
test_used(void)
{
	char dir[] = "/tmp/mm-test-keys-XXXXXX", w[2][512];
	struct buf b = BUF_INIT, lines = BUF_INIT, text = BUF_INIT, name = BUF_INIT;
	struct span one = token_of(w[0], "sk_live_0a0b0c0d", RANDOM("a"));
	struct span two = token_of(w[1], "sk_live_0a0b0c0e", RANDOM("b"));
	struct span first = { one.p, KEY_ID }, second = { two.p, KEY_ID };
	const int64_t hour = 3600000;
	const struct key *key;
	struct keys *k;
	int64_t ms = 0;

	add_line(&b, one, OF_PROJECT);
	add_line(&b, two, OF_PROJECT);
	k = parse(&b);
	CHECK(!keys_collect_used(k, &lines), "none was used");
	keys_find(k, one, 0, &key);
	keys_touch(k, key, 500000 * hour + 1234);
	keys_touch(k, key, 500000 * hour + 5678);
	CHECK(keys_collect_used(k, &lines) && !keys_collect_used(k, &text), "told once");
	keys_touch(k, key, 500000 * hour + 9999);
	CHECK(!keys_collect_used(k, &text), "an hour is told once");
	CHECK(used_find((struct span){ lines.p, lines.n }, first, &ms) && ms == 500000 * hour,
	    "found");
	CHECK(!used_find((struct span){ lines.p, lines.n }, second, &ms), "not this one");

	CHECK(mkdtemp(dir) != NULL, "no directory");
	buf_addf(&name, "%s/keys", dir);
	buf_addc(&name, '\0');
	CHECK(used_merge(name.p, (struct span){ lines.p, lines.n }) == 0, "made");
	buf_reset(&lines);
	used_add_line(&lines, first, 499999 * hour);
	used_add_line(&lines, second, 499999 * hour);
	buf_adds(&lines, "what is no line\n");
	CHECK(used_merge(name.p, (struct span){ lines.p, lines.n }) == 0, "merged");
	used_read(name.p, &text);
	CHECK(used_find((struct span){ text.p, text.n }, first, &ms) && ms == 500000 * hour,
	    "the later stays");
	CHECK(used_find((struct span){ text.p, text.n }, second, &ms) && ms == 499999 * hour,
	    "and the new one");
	CHECK(!span_holds((struct span){ text.p, text.n }, SPAN("what")), "nothing beside");
	name.n--;
	buf_adds(&name, ".used");
	buf_addc(&name, '\0');
	CHECK(unlink(name.p) == 0, "unlink");
	name.n--;
	buf_adds(&name, ".lock");
	buf_addc(&name, '\0');
	CHECK(unlink(name.p) == 0 && rmdir(dir) == 0, "unlink");
	keys_free(k);
	buf_release(&b);
	buf_release(&lines);
	buf_release(&text);
	buf_release(&name);
}

int
main(void)
{
	if (sodium_init() < 0)
		return 1;
	test_made_tokens();
	test_token_forms();
	test_find();
	test_many();
	test_leaked_file();
	test_lines();
	test_change();
	test_origins();
	test_allowed_origins();
	test_files();
	test_used();
	return check_end("test_keys");
}
