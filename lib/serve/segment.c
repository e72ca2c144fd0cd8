#define _GNU_SOURCE /* O_CLOEXEC, renameat, memmem */
#include "serve/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/fd.h"

#include "base/banned.h"

static const char magic[8] = "MMgroup1";

static void
sum_of(unsigned char sum[SEGMENT_SUM], const struct segment_head *head, struct span entries,
    struct span rows)
{
	XXH3_state_t state;
	XXH128_canonical_t canonical;

	XXH3_128bits_reset(&state);
	XXH3_128bits_update(&state, &head->events, 2 * sizeof(uint64_t));
	XXH3_128bits_update(&state, entries.p, entries.n);
	XXH3_128bits_update(&state, rows.p, rows.n);
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
	memcpy(sum, canonical.digest, SEGMENT_SUM);
}

void
segment_head_of(struct segment_head *head, struct span entries, struct span rows)
{
	memcpy(head->magic, magic, sizeof(magic));
	head->events = entries.n / sizeof(struct ids_entry);
	head->bytes = rows.n;
	sum_of(head->sum, head, entries, rows);
}

size_t
segment_next(struct span segment, size_t from, struct span *entries, struct span *rows)
{
	struct segment_head head;
	unsigned char sum[SEGMENT_SUM];
	size_t left = segment.n - from;

	if (left < sizeof(head))
		return 0;
	memcpy(&head, segment.p + from, sizeof(head));
	left -= sizeof(head);
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 ||
	    head.events > left / sizeof(struct ids_entry))
		return 0;
	*entries = (struct span){ segment.p + from + sizeof(head),
		(size_t)head.events * sizeof(struct ids_entry) };
	if (head.bytes > left - entries->n)
		return 0;
	*rows = (struct span){ entries->p + entries->n, (size_t)head.bytes };
	sum_of(sum, &head, *entries, *rows);
	if (memcmp(sum, head.sum, sizeof(sum)) != 0)
		return 0;
	return from + sizeof(head) + entries->n + rows->n;
}

size_t
segment_find(
    struct span segment, size_t from, size_t *start, struct span *entries, struct span *rows)
{
	while (from < segment.n) {
		size_t next = segment_next(segment, from, entries, rows);
		const char *p;

		*start = from++;
		if (next > 0)
			return next;
		p = memmem(segment.p + from, segment.n - from, magic, sizeof(magic));
		if (!p)
			return 0;
		from = (size_t)(p - segment.p);
	}
	return 0;
}

/* ---- sealing ---- */

static int
read_segment(int folder, const char *stem, size_t bytes, struct buf *to)
{
	char name[SEGMENT_STEM_MAX + 16];
	int fd, error;

	snprintf(name, sizeof(name), "%s.open", stem);
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno;
	buf_reset(to);
	error = fd_read_all(fd, to, SEGMENT_MAX);
	close(fd);
	if (error || bytes == SIZE_MAX)
		return error;
	if (to->n < bytes)
		return EIO; /* what was acknowledged is no more there */
	to->n = bytes;
	return 0;
}

/* The rows of the segment's whole groups, without those that are known. */
static int
gather(struct span segment, bool all, struct ids *ids, bool again, struct buf *rows)
{
	struct span entries, text;
	size_t at = 0, start, next, i;

	buf_reset(rows);
	for (; (next = segment_find(segment, at, &start, &entries, &text)) > 0; at = next) {
		const char *p = text.p, *end = text.p + text.n;

		if (all && start != at)
			return EIO;
		for (i = 0; i < entries.n / sizeof(struct ids_entry) && p < end; i++) {
			const char *newline = memchr(p, '\n', (size_t)(end - p));
			const char *behind = newline ? newline + 1 : end;
			struct ids_entry e;
			uint64_t group;
			bool known = false;

			memcpy(&e, entries.p + i * sizeof(e), sizeof(e));
			if (again && !ids_entry_is_none(&e)) {
				known = ids_find(ids, &e, &group);
				if (!known && !ids_put(ids, &e, 0))
					return ENOMEM;
			}
			if (!known)
				buf_add(rows, p, (size_t)(behind - p));
			p = behind;
		}
	}
	if (all && at != segment.n)
		return EIO;
	return rows->failed ? ENOMEM : 0;
}

static int
fill(int fd, void *rows)
{
	const struct buf *b = rows;

	return fd_write(fd, b->p, b->n);
}

/* Whether whole groups follow what is none. */
static bool
is_damaged(struct span segment)
{
	struct span entries, rows;
	size_t at = 0, start, next;

	for (; (next = segment_find(segment, at, &start, &entries, &rows)) > 0; at = next)
		if (start != at)
			return true;
	return false;
}

static int
append_ids(struct span segment, struct ids *ids, int log)
{
	struct span entries, rows;
	size_t at = 0, start, i;
	off_t end = lseek(log, 0, SEEK_END);
	int error = end < 0 ? errno : 0;

	while (!error && (at = segment_find(segment, at, &start, &entries, &rows)) > 0) {
		/* those of a sealed segment that was read again may not be known yet */
		for (i = 0; ids && i < entries.n / sizeof(struct ids_entry); i++) {
			struct ids_entry e;

			memcpy(&e, entries.p + i * sizeof(e), sizeof(e));
			if (!ids_note(ids, &e))
				return ENOMEM;
		}
		error = fd_write(log, entries.p, entries.n);
	}
	if (!error && fdatasync(log) != 0)
		error = errno;
	/* no half an entry before those of the next try, which appends all of them again */
	if (error && end >= 0 && ftruncate(log, end) != 0)
		error = errno;
	return error;
}

int
segment_seal(int folder, const char *stem, size_t bytes, struct ids *ids, bool again, int log,
    struct buf room[2])
{
	char open_name[SEGMENT_STEM_MAX + 16], ready[SEGMENT_STEM_MAX + 16],
	    final[SEGMENT_STEM_MAX + 16], damaged[SEGMENT_STEM_MAX + 16];
	int error;

	snprintf(open_name, sizeof(open_name), "%s.open", stem);
	snprintf(ready, sizeof(ready), "%s.ready", stem);
	snprintf(final, sizeof(final), "%s.ndjson", stem);
	snprintf(damaged, sizeof(damaged), "%s.damaged", stem);
	error = read_segment(folder, stem, bytes, &room[0]);
	if (error && error != ENOENT)
		return error;
	if (!error) {
		struct span segment = { room[0].p, room[0].n };

		/* where it is there, it is whole, and its ids may be in the log */
		if (faccessat(folder, ready, F_OK, 0) != 0) {
			error = gather(segment, bytes != SIZE_MAX, ids, again, &room[1]);
			/* no rows, no file to deliver */
			if (!error && room[1].n > 0)
				error = fd_replace_at(folder, ready, 0600, fill, &room[1]);
		}
		/* also where it was there: its name may not have been synced */
		if (!error)
			error = fd_sync(folder);
		if (!error)
			error = append_ids(segment, again ? ids : NULL, log);
		if (!error &&
		    (is_damaged(segment) ? renameat(folder, open_name, folder, damaged)
					 : unlinkat(folder, open_name, 0)) != 0)
			error = errno;
		if (!error)
			error = fd_sync(folder);
		if (error)
			return error;
	}
	/* not there: it had no rows, or another process has done it */
	if (renameat(folder, ready, folder, final) != 0 && errno != ENOENT)
		return errno;
	return fd_sync(folder);
}
