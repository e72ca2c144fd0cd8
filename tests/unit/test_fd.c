/* base/fd: whole files, and their replacement. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static void
write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || fd_write(fd, text, strlen(text)) != 0 || fchmod(fd, mode) != 0)
		abort();
	close(fd);
}

static bool
holds(const char *name, const char *text)
{
	struct buf b = BUF_INIT;
	int fd = open(name, O_RDONLY);
	bool same = fd >= 0 && fd_read_all(fd, &b, 1000) == 0 && is_text(b.p, b.n, text);

	if (fd >= 0)
		close(fd);
	buf_release(&b);
	return same;
}

static unsigned
mode_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? st.st_mode & 07777 : 0;
}

static int
fill_badly(int fd, void *context)
{
	fd_write(fd, "half", 4);
	return *(int *)context;
}

static void
test_replace(void)
{
	int dir = open(".", O_RDONLY), error = ENOSPC;

	umask(027);
	CHECK(fd_replace("new", "one", 3) == 0 && holds("new", "one"), "new");
	CHECK(mode_of("new") == 0640, "%o", mode_of("new"));
	CHECK(fd_replace("new", "", 0) == 0 && holds("new", ""), "nothing");
	write_file("kept", "old", 0606);
	write_file("kept.tmp", "left behind", 0600);
	CHECK(fd_replace("kept", "two", 3) == 0 && holds("kept", "two"), "kept");
	CHECK(mode_of("kept") == 0606, "%o", mode_of("kept"));
	CHECK(access("kept.tmp", F_OK) != 0, "no temporary file");
	CHECK(fd_replace_at(dir, "kept", 0600, fill_badly, &error) == ENOSPC, "told");
	CHECK(holds("kept", "two") && mode_of("kept") == 0606, "nothing has changed");
	CHECK(access("kept.tmp", F_OK) != 0, "no half file");
	CHECK(fd_replace("missing/file", "x", 1) == ENOENT, "no directory");
	CHECK(fd_replace("kept/file", "x", 1) == ENOTDIR, "a file as a directory");
	CHECK(fd_replace(".", "x", 1) == EISDIR, "a directory");
	CHECK(fd_replace("", "x", 1) == ENOENT, "no name");
	CHECK(fd_replace("/dev/null", "x", 1) == 0, "a device");
	close(dir);
}

static void
test_links(void)
{
	struct stat st;

	if (mkdir("folder", 0700) != 0 || symlink("folder/link", "link") != 0 ||
	    symlink("target", "folder/link") != 0 || symlink("circle", "circle") != 0 ||
	    symlink("nowhere/file", "astray") != 0)
		abort();
	CHECK(fd_replace("link", "one", 3) == 0 && holds("folder/target", "one"),
	    "to what is not there");
	CHECK(chmod("folder/target", 0400) == 0 && fd_replace("./link", "two", 3) == 0 &&
		holds("folder/target", "two"),
	    "to what is");
	CHECK(mode_of("folder/target") == 0400, "%o", mode_of("folder/target"));
	CHECK(lstat("link", &st) == 0 && S_ISLNK(st.st_mode), "still a link");
	CHECK(lstat("folder/link", &st) == 0 && S_ISLNK(st.st_mode), "still a link");
	CHECK(fd_replace("circle", "x", 1) == ELOOP, "a circle");
	CHECK(fd_replace("astray", "x", 1) == ENOENT, "into no directory");
}

static void
test_read(void)
{
	struct buf b = BUF_INIT;
	char room[8];
	size_t got;
	int fd;

	write_file("five", "12345", 0600);
	fd = open("five", O_RDONLY);
	CHECK(fd_read(fd, room, 3, &got) == 0 && is_text(room, got, "123"), "the first");
	CHECK(fd_read(fd, room, 8, &got) == 0 && is_text(room, got, "45"), "the rest");
	CHECK(fd_read(fd, room, 8, &got) == 0 && got == 0, "the end");
	CHECK(fd_read(-1, room, 8, &got) == EBADF, "an error");
	lseek(fd, 0, SEEK_SET);
	buf_adds(&b, "before ");
	CHECK(fd_read_all(fd, &b, 5) == 0 && is_text(b.p, b.n, "before 12345"), "all");
	lseek(fd, 0, SEEK_SET);
	CHECK(fd_read_all(fd, &b, 4) == EFBIG, "too many");
	CHECK(fd_read_all(-1, &b, 4) == EBADF, "an error");
	close(fd);
	buf_release(&b);
}

static void
remove_all(void)
{
	static const char *const names[] = { "new", "kept", "link", "circle", "astray", "five",
		"folder/link", "folder/target", "folder" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(names[i]);
}

int
main(void)
{
	char dir[] = "/tmp/test_fd.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) != 0)
		abort();
	test_replace();
	test_links();
	test_read();
	remove_all();
	CHECK(chdir("/") == 0 && rmdir(dir) == 0, "leaves files behind");
	return check_end("test_fd");
}
