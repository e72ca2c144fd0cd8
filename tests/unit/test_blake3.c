/*
 * BLAKE3: the answers of b3sum, for the bytes 0, 1, .. 250, 0, 1 .. of the published
 * test vectors, by each way of this processor and however the bytes are cut.
 */
#include <string.h>

#include "store/blake3.h"
#include "check.h"

#include "base/banned.h"

enum { HASH = 32, PERIOD = 251 };

static const struct {
	size_t n;
	const char *hash;
} answers[] = {
	{ 0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262" },
	{ 1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213" },
	{ 2, "7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63" },
	{ 63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b" },
	{ 64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98" },
	{ 65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee" },
	{ 127, "d81293fda863f008c09e92fc382a81f5a0b4a1251cba1634016a0f86a6bd640d" },
	{ 128, "f17e570564b26578c33bb7f44643f539624b05df1a76c81f30acd548c44b45ef" },
	{ 129, "683aaae9f3c5ba37eaaf072aed0f9e30bac0865137bae68b1fde4ca2aebdcb12" },
	{ 1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11" },
	{ 1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7" },
	{ 1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444" },
	{ 2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a" },
	{ 2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030" },
	{ 3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2" },
	{ 3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3" },
	{ 4096, "015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969" },
	{ 4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995" },
	{ 5120, "9cadc15fed8b5d854562b26a9536d9707cadeda9b143978f319ab34230535833" },
	{ 6144, "3e2e5b74e048f3add6d21faab3f83aa44d3b2278afb83b80b3c35164ebeca205" },
	{ 7168, "61da957ec2499a95d6b8023e2b0e604ec7f6b50e80a9678b89d2628e99ada77a" },
	{ 8191, "bae8dc916e8643c6cf024097237cde1cba35c05b5d84c02834cb6b886edb76d9" },
	{ 8192, "aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63" },
	{ 8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b" },
	{ 9216, "e5ef79624045ef3e98fd23342e61d7eb965997b32928f9de591cd0d465a223fb" },
	{ 16384, "f875d6646de28985646f34ee13be9a576fd515f76b5b0a26bb324735041ddde4" },
	{ 16385, "1dabe216be2578830263b049de1639f39f05a4da616b9b78c7a5e4e41662fd1f" },
	{ 24577, "c55871748aff66772182ab92572d802164b31aa75e44e8b9911dceeaa16646eb" },
	{ 31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47" },
	{ 65536, "68d647e619a930e7b1082f74f334b0c65a315725569bdc123f0ee11881717bfe" },
	{ 65537, "7c99f9840a73dfcb6e5bfe4ff6d1558acab7e015640790c26411818bdbe17eca" },
	{ 102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085" },
	{ 1000003, "cd5a3272e01b1a2f47bb4565d8d202db0f95704d32550a2da61a0fd363d4c90d" },
};

enum { ANSWERS = sizeof(answers) / sizeof(answers[0]), MOST = 1000003 };

static void
check_hash(struct blake3 *s, const char *want, const char *how, size_t n)
{
	unsigned char hash[HASH];
	char text[2 * HASH + 1];
	size_t i;

	blake3_end(s, hash, sizeof(hash));
	for (i = 0; i < HASH; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	CHECK(strcmp(text, want) == 0, "%zu bytes, way %u, %s: %s", n, s->way, how, text);
}

static void
check_answers(const unsigned char *bytes, enum blake3_way way)
{
	uint64_t seed = 11;
	struct blake3 s, copy;
	size_t i, at, n, k;

	for (i = 0; i < ANSWERS; i++) {
		n = answers[i].n;
		blake3_begin(&s);
		s.way = way;
		blake3_add(&s, bytes, n);
		check_hash(&s, answers[i].hash, "in one", n);

		blake3_begin(&s);
		s.way = way;
		for (at = 0; at < n; at += k) {
			k = check_random(&seed) % 20000;
			k = k < n - at ? k : n - at;
			blake3_add(&s, bytes + at, k);
		}
		copy = s;
		blake3_add(&copy, "x", 1); /* goes on without the other */
		check_hash(&s, answers[i].hash, "in pieces", n);
	}
}

int
main(void)
{
	unsigned char *bytes = malloc(MOST);
	struct blake3 s;
	unsigned way;
	size_t i;

	CHECK(bytes != NULL, "memory");
	for (i = 0; i < MOST; i++)
		bytes[i] = (unsigned char)(i % PERIOD);
	blake3_begin(&s);
	for (way = BLAKE3_PLAIN; way <= (unsigned)s.way; way++)
		check_answers(bytes, (enum blake3_way)way);
	free(bytes);
	return check_end("blake3");
}
