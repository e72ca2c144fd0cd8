# A tracking plan of 30 events with 10 properties each, and events that it
# finds valid, about 650 bytes a line:
#
#   awk -v n=0 -f plan.awk          the plan
#   awk -v n=COUNT -f plan.awk      COUNT events
#
# The same n gives the same bytes: what varies is drawn by a generator of our own.
function draw(limit) {
	seed = (seed * 16807) % 2147483647
	return seed % limit
}

function one_of(list,    parts, count) {
	count = split(list, parts, " ")
	return parts[1 + draw(count)]
}

function digits(count,    text) {
	for (text = ""; count > 0; count--)
		text = text substr("0123456789abcdef", 1 + draw(16), 1)
	return text
}

function plan(    i) {
	print "{\"version\":\"bench\",\"unknownEvents\":\"error\",\"unknownProperties\":\"error\",\"events\":{"
	for (i = 0; i < 30; i++) {
		printf "\"shop_event_%02d\":{\"properties\":{\n", i
		print "\"plan\":{\"type\":\"string\",\"required\":true,\"enum\":[\"free\",\"pro\",\"team\",\"enterprise\"]},"
		print "\"currency\":{\"type\":\"string\",\"required\":true,\"pattern\":\"^[A-Z]{3}$\"},"
		print "\"amount_cents\":{\"type\":\"integer\",\"required\":true,\"minimum\":0,\"maximum\":9007199254740993},"
		print "\"tax_rate\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
		print "\"title\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":80},"
		print "\"is_gift\":{\"type\":\"boolean\"},"
		print "\"coupon\":{\"type\":[\"string\",\"null\"],\"maxLength\":20},"
		print "\"ordered_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		print "\"tags\":{\"type\":\"array\"},"
		print "\"screen\":{\"type\":\"object\"}"
		print i < 29 ? "}}," : "}}"
	}
	print "}}"
}

function event(    title, time) {
	time = sprintf("2026-06-%02dT%02d:%02d:%02d.%03dZ", 1 + draw(30), draw(24), draw(60),
	    draw(60), draw(1000))
	title = "Kaffee & Kuchen no. " draw(1000)
	printf "{\"event\":\"shop_event_%02d\",\"event_id\":\"%s\",\"timestamp\":\"%s\",", draw(30),
	    digits(32), time
	printf "\"anonymous_id\":\"%s\",\"url\":\"https://shop.example/products/%s?page=%d\",", digits(24),
	    digits(12), draw(20)
	printf "\"referrer\":\"https://www.example.org/\",\"ip\":\"192.0.2.%d\",", draw(256)
	printf "\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36\",",
	    100 + draw(40)
	printf "\"properties\":{\"plan\":\"%s\",\"currency\":\"%s\",\"amount_cents\":%d,\"tax_rate\":0.%02d,",
	    one_of("free pro team enterprise"), one_of("EUR USD JPY GBP"), draw(1000000), draw(100)
	printf "\"title\":\"%s\",\"is_gift\":%s,\"coupon\":%s,\"ordered_at\":\"%s\",", title,
	    one_of("true false"), one_of("null \"SPRING\" \"WELCOME10\""), time
	printf "\"tags\":[\"%s\"],\"screen\":{\"w\":%d,\"h\":%d}}}\n", digits(6), 800 + draw(1000),
	    600 + draw(800)
}

BEGIN {
	seed = 20260516
	if (n == 0)
		plan()
	for (i = 0; i < n; i++)
		event()
}
