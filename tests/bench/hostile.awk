# Makes N events in which nothing repeats that could be remembered: every address, agent,
# host, path and campaign is new; texts are long and not ASCII, full of escapes, and
# properties are deep.
#
#   awk -v n=N -f hostile.awk
function pick(k) {
	seed = (seed * 69069 + 12345) % 4294967296
	return int(seed / 65536) % k
}

function words(k,    s, i) {
	for (i = 0; i < k; i++)
		s = s word[pick(count)]
	return s
}

BEGIN {
	seed = 1
	count = split("東京のコーヒー豆 Ελληνικά Привет 😀🎉 \\\" \\\\ \\n \\u00e9 \\ud83d\\ude00 naïve ß \\/ \\t <>& x", word, " ")
	word[0] = "–"
	for (i = 0; i < 40; i++) {
		open = open (i % 2 ? "[" : "{\"k\\u0065y\":")
		shut = (i % 2 ? "]" : "}") shut
	}
	for (i = 0; i < n; i++) {
		ip = i % 5 ? (1 + pick(220)) "." pick(256) "." pick(256) "." pick(256) : \
		    sprintf("2a%02x:%x:%x::%x", pick(256), pick(65536), pick(65536), pick(65536))
		printf "{\"event\":\"%s%d\",\"timestamp\":\"2026-06-%02dT%02d:%02d:%02d.%03d+02:00\",", \
		    words(2), i, 1 + i % 30, pick(24), pick(60), pick(60), pick(1000)
		printf "\"anonymous_id\":\"\\u00e9%s%d\",\"url\":\"https://h%d.example/%s/%d?utm_campaign=%s%d&a=%%C3%%A9&b=1#%d\",", \
		    words(2), i, i, "%E6%9D%B1", i, "c%20", i, i
		printf "\"referrer\":\"https://www.r%d.example.co.uk/%d?q=%d\",\"ip\":\"%s\",", i, i, i, ip
		printf "\"user_agent\":\"Mozilla/5.0 (Linux; Android %d; M%d) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.0 Safari/537.36\",", \
		    5 + pick(10), i, 60 + pick(90), i
		printf "\"properties\":{\"t%d\":\"%s\",\"d\":%s%d%s,\"n\":[-1.5e3,%d,true,null,\"%s\"]}}\n", \
		    i, words(30), open, i, shut, i, words(10)
	}
}
