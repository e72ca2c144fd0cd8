#include "cmd/cli/salt.h"

#include <stdlib.h>

#include "base/msg.h"
#include "cmd/cli/secret.h"

#include "base/banned.h"

static size_t
without_line_end(const char *p, size_t n)
{
	if (n > 0 && p[n - 1] == '\n')
		n--;
	if (n > 0 && p[n - 1] == '\r')
		n--;
	return n;
}

static bool
check_length(const struct salt *salt, const char *from)
{
	if (salt->n < IPHASH_SALT_MIN)
		msg("%s: the salt has fewer than %d bytes", from, IPHASH_SALT_MIN);
	else if (salt->n > IPHASH_SALT_MAX)
		msg("%s: the salt has more than %d bytes", from, IPHASH_SALT_MAX);
	else
		return true;
	return false;
}

bool
salt_read(struct salt *salt, const char *file, bool needed, const char *otherwise)
{
	const char *variable = getenv("MM_IP_SALT");

	secret_guard();
	salt->n = 0;
	if (file) {
		if (!secret_read(file, "salt", salt->p, sizeof(salt->p), &salt->n))
			return false;
		salt->n = without_line_end(salt->p, salt->n);
		return check_length(salt, file);
	}
	if (variable && *variable) {
		salt->n = strnlen(variable, sizeof(salt->p));
		memcpy(salt->p, variable, salt->n);
		return check_length(salt, "MM_IP_SALT");
	}
	if (!needed)
		return true;
	msg("no salt: make one with '(umask 077; head -c 32 /dev/urandom | base64 > salt)' and "
	    "pass --salt-file salt (or set MM_IP_SALT)%s",
	    otherwise);
	return false;
}
