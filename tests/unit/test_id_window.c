/*
 * The ids seen lately: as a plain list would have it, also full, with times,
 * and after a way through the file; and no damaged file is taken for a whole.
 */
#include "event/id_window_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum { IDS = 300, ROUNDS = 4000 };

static char folder[] = "/tmp/test_id_window.XXXXXX";

static const char *
file_named(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct span
id_of(unsigned number)
{
	static char text[16];

	return (struct span){ text, (size_t)snprintf(text, sizeof(text), "id-%u", number) };
}

/* ---- the list that says what is right ---- */

struct entry {
	unsigned id;
	int64_t ms;
	bool dead; /* seen again later */
};

struct list {
	struct entry e[ROUNDS];
	size_t n, window;
	uint64_t within, early;
};

static bool
near(const struct list *l, int64_t a, int64_t b)
{
	return (uint64_t)llabs(a - b) <= l->within;
}

/* What goes out of the window when one more comes in. */
static void
list_forget(struct list *l, int64_t ms)
{
	const struct entry *old;

	if (l->n < l->window)
		return;
	old = &l->e[l->n - l->window];
	if (!old->dead && l->within && near(l, old->ms, ms))
		l->early++;
}

static bool
list_add(struct list *l, unsigned id, int64_t ms)
{
	size_t from = l->n > l->window ? l->n - l->window : 0, i;

	for (i = from; i < l->n; i++) {
		if (l->e[i].id != id || l->e[i].dead)
			continue;
		if (!l->within || near(l, l->e[i].ms, ms))
			return false;
		l->e[i].dead = true;
	}
	list_forget(l, ms);
	l->e[l->n++] = (struct entry){ id, ms, false };
	return true;
}

/* ---- tests ---- */

/* Through the file and back, into a table for `window` ids. */
static void
save_and_load(struct id_window *s, size_t window)
{
	struct id_window_file f;
	struct id_window other;

	CHECK(id_window_init(&other, window), "memory");
	other.within = s->within;
	CHECK(id_window_file_open(&f, file_named("state"), &other) != ID_WINDOW_FILE_BUSY, "busy");
	CHECK(id_window_file_save(&f, s) == 0, "save");
	id_window_file_release(&f);
	id_window_release(&other);

	CHECK(id_window_init(&other, window), "memory");
	other.within = s->within;
	CHECK(id_window_file_open(&f, file_named("state"), &other) == ID_WINDOW_FILE_OK, "load");
	id_window_file_release(&f);
	other.early = s->early;
	id_window_release(s);
	*s = other;
}

static void
test_model(size_t window, uint64_t within, bool through_file)
{
	static struct list l;
	struct id_window s;
	uint64_t random = window * 31 + within;
	unsigned i;

	l = (struct list){ .window = window, .within = within };
	unlink(file_named("state"));
	CHECK(id_window_init(&s, window), "memory");
	s.within = within;
	for (i = 0; i < ROUNDS; i++) {
		unsigned id = (unsigned)(check_random(&random) % IDS);
		int64_t ms = i + (int64_t)(check_random(&random) % 200);
		bool right = list_add(&l, id, ms);

		CHECK(id_window_add(&s, id_of(id), ms) == right, "window %zu within %llu: line %u",
		    window, (unsigned long long)within, i);
		if (through_file && i % 500 == 250)
			save_and_load(&s, window);
	}
	CHECK(s.early == l.early, "early: %llu, not %llu", (unsigned long long)s.early,
	    (unsigned long long)l.early);
	id_window_release(&s);
}

static void
test_limits(void)
{
	struct id_window s;

	CHECK(!id_window_init(&s, 0), "window 0");
	CHECK(!id_window_init(&s, (size_t)ID_WINDOW_WINDOW_MAX + 1), "a window too large");
	CHECK(id_window_init(&s, 4), "memory");
	s.within = 1;
	CHECK(id_window_add(&s, id_of(1), TIMESTAMP_MIN), "the first");
	CHECK(!id_window_add(&s, id_of(1), TIMESTAMP_MIN + 1), "at the bound");
	CHECK(id_window_add(&s, id_of(1), TIMESTAMP_MAX), "four centuries later");
	CHECK(!id_window_add(&s, id_of(1), TIMESTAMP_MAX - 1), "before it");
	CHECK(id_window_add(&s, (struct span){ "", 0 }, 0), "an empty id");
	CHECK(!id_window_add(&s, (struct span){ "", 0 }, 0), "an empty id again");
	id_window_release(&s);
	/* what is promised: the ring and the index together */
	CHECK(id_window_init(&s, 1000000), "memory");
	CHECK(
	    s.slots * sizeof(*s.slot) + s.window * ID_WINDOW_ENTRY <= ID_WINDOW_BYTES * 1000000 + 8,
	    "more than %d bytes an id", ID_WINDOW_BYTES);
	id_window_release(&s);
}

static void
test_keys_differ(void)
{
	struct id_window a, b;

	CHECK(id_window_init(&a, 1) && id_window_init(&b, 1), "memory");
	CHECK(memcmp(a.key, b.key, ID_WINDOW_KEY) != 0, "two tables with one key");
	id_window_release(&a);
	id_window_release(&b);
}

/* A smaller window keeps the newest. */
static void
test_smaller(void)
{
	struct id_window s;
	unsigned i;

	CHECK(id_window_init(&s, 50), "memory");
	for (i = 0; i < 80; i++)
		id_window_add(&s, id_of(i), i);
	save_and_load(&s, 10);
	for (i = 70; i < 80; i++)
		CHECK(!id_window_add(&s, id_of(i), i), "id %u is forgotten", i);
	CHECK(id_window_add(&s, id_of(69), 69), "id 69 is still there");
	id_window_release(&s);
}

static enum id_window_file_result
open_result(const char *name)
{
	struct id_window s;
	struct id_window_file f;
	enum id_window_file_result r;

	if (!id_window_init(&s, 100))
		abort();
	r = id_window_file_open(&f, file_named(name), &s);
	id_window_file_release(&f);
	id_window_release(&s);
	return r;
}

static void
write_file(const char *name, const unsigned char *p, size_t n)
{
	FILE *f = fopen(file_named(name), "w");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
}

/* Cut anywhere, longer, or with any byte changed: never taken. */
static void
test_damage(void)
{
	unsigned char good[512], bad[513];
	struct id_window s;
	size_t n, i;
	FILE *f;

	CHECK(id_window_init(&s, 20), "memory");
	for (i = 0; i < 9; i++)
		id_window_add(&s, id_of((unsigned)i), 0);
	unlink(file_named("state"));
	save_and_load(&s, 20);
	id_window_release(&s);
	f = fopen(file_named("state"), "r");
	n = f ? fread(good, 1, sizeof(good), f) : 0;
	CHECK(n == 32 + 9 * ID_WINDOW_ENTRY + 32, "%zu bytes", n);
	if (f)
		fclose(f);
	for (i = 0; i < n; i++) {
		write_file("bad", good, i);
		CHECK(open_result("bad") == ID_WINDOW_FILE_DAMAGED, "cut at %zu", i);
		memcpy(bad, good, n);
		bad[i] ^= 0x10;
		write_file("bad", bad, n);
		CHECK(
		    open_result("bad") == (i < 8 ? ID_WINDOW_FILE_FOREIGN : ID_WINDOW_FILE_DAMAGED),
		    "byte %zu changed", i);
	}
	memcpy(bad, good, n);
	bad[n] = 0;
	write_file("bad", bad, n + 1);
	CHECK(open_result("bad") == ID_WINDOW_FILE_DAMAGED, "a byte too many");
	write_file("bad", good, n);
	CHECK(open_result("bad") == ID_WINDOW_FILE_OK, "whole again");
}

static void
test_paths(void)
{
	CHECK(open_result("none") == ID_WINDOW_FILE_NEW, "no file");
	CHECK(open_result("no/folder") == ID_WINDOW_FILE_ERRNO, "no folder");
	CHECK(open_result("") == ID_WINDOW_FILE_ERRNO, "a folder's path with a slash");
	if (mkdir(file_named("folder"), 0700) != 0 || mkfifo(file_named("fifo"), 0600) != 0)
		abort();
	CHECK(open_result("folder") == ID_WINDOW_FILE_FOREIGN, "a folder");
	CHECK(open_result("fifo") == ID_WINDOW_FILE_FOREIGN, "a fifo");
}

/* A lock does not keep out the process that has it: another is asked. */
static void
test_lock(void)
{
	struct id_window s;
	struct id_window_file f;
	int status = 0;
	pid_t pid;

	CHECK(id_window_init(&s, 10), "memory");
	CHECK(id_window_file_open(&f, file_named("state"), &s) == ID_WINDOW_FILE_OK, "open");
	pid = fork();
	if (pid == 0)
		_exit(open_result("state") == ID_WINDOW_FILE_BUSY ? 0 : 1);
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "opened twice");
	id_window_file_release(&f);
	pid = fork();
	if (pid == 0)
		_exit(open_result("state") == ID_WINDOW_FILE_OK ? 0 : 1);
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "not unlocked");
	id_window_release(&s);
}

/* What a killed run left does not stand in the way; the mode is the owner's. */
static void
test_leftover(void)
{
	struct id_window s;
	struct stat st;

	write_file("state.tmp", (const unsigned char *)"half", 4);
	CHECK(id_window_init(&s, 10), "memory");
	save_and_load(&s, 10);
	id_window_release(&s);
	CHECK(stat(file_named("state.tmp"), &st) != 0 && errno == ENOENT, "state.tmp stays");
	CHECK(stat(file_named("state"), &st) == 0 && (st.st_mode & 0777) == 0600, "the mode");
}

static void
clean_up(void)
{
	static const char *const names[] = { "state", "state.lock", "bad", "bad.lock", "none.lock",
		"fifo", "fifo.lock", "folder.lock" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(file_named(names[i]));
	rmdir(file_named("folder"));
	CHECK(rmdir(folder) == 0, "files are left in %s", folder);
}

int
main(void)
{
	static const size_t windows[] = { 1, 2, 3, 16, 100, 299, 1000 };
	static const uint64_t withins[] = { 0, 1, 50, 300 };
	size_t i, k;

	if (!mkdtemp(folder))
		abort();
	for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
		for (k = 0; k < sizeof(withins) / sizeof(withins[0]); k++) {
			test_model(windows[i], withins[k], false);
			test_model(windows[i], withins[k], true);
		}
	test_limits();
	test_keys_differ();
	test_smaller();
	unlink(file_named("state"));
	test_damage();
	test_paths();
	test_lock();
	test_leftover();
	clean_up();
	return check_end("test_id_window");
}
