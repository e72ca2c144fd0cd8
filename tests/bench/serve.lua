-- What wrk sends to mm-serve: events of 10,000 visitors, EVENTS in a request, each
-- after a pause of PAUSE ms.
local events = tonumber(os.getenv("EVENTS") or "1")
local pause = tonumber(os.getenv("PAUSE") or "0")
local key = os.getenv("KEY")
local paths = { "/", "/pricing", "/blog/how-it-works", "/docs/install?utm_source=newsletter&utm_medium=email", "/de/preise" }
local agents = {
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
}
local heads, tails, bodies, next, seed = {}, {}, {}, 0, ""

local function tail(n)
	return string.format(
		'","anonymous_id":"v%d","url":"https://shop.example%s","referrer":"https://www.google.com/","properties":{"n":%d,"plan":"pro"}}',
		math.random(10000), paths[n % #paths + 1], n)
end

local function head(n)
	return table.concat({ "POST ", events == 1 and "/v1/track" or "/v1/batch", " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ", key,
		"\r\nContent-Type: application/json\r\nUser-Agent: ", agents[n % #agents + 1],
		string.format("\r\nX-Forwarded-For: 203.%d.%d.%d", n % 200, math.random(0, 255), math.random(1, 254)),
		"\r\nContent-Length: " })
end

-- The client shares the machine: it only joins what it has made before.
function init()
	seed = string.format("%d", tonumber(tostring({}):match("0x(%x+)"), 16) % 1e6 + os.time() * 1e6)
	math.randomseed(tonumber(seed) % 1e9)
	for n = 1, 10000 do
		heads[n] = head(n)
		tails[n] = tail(n)
	end
	for n = 1, events > 1 and 300 or 0 do
		local list = {}
		for i = 1, events do list[i] = '{"event":"$pageview","title":"' .. tail(n * events + i) end
		bodies[n] = '{"events":[' .. table.concat(list, ",") .. "]}"
	end
end

function request()
	local n = next % 10000 + 1
	local body
	next = next + 1
	if events == 1 then
		body = '{"event":"$pageview","event_id":"' .. seed .. "-" .. next .. tails[n]
	else
		body = bodies[next % #bodies + 1]
	end
	return heads[n] .. #body .. "\r\n\r\n" .. body
end

if pause > 0 then
	function delay() return pause end
end

function done(summary, latency)
	local refused = summary.errors.status
	io.write(string.format("RESULT %.0f %.0f %.3f %.3f %d\n", summary.requests * 1e6 / summary.duration,
		summary.requests * events * 1e6 / summary.duration, latency:percentile(50) / 1000,
		latency:percentile(99) / 1000, refused))
end
