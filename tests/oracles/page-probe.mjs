// Wraps a page into one that looks at it from outside, for a browser without a
// head: page-probe.mjs PAGE AXE > PROBE.  The probe shows the page in frames of
// several widths and leaves a JSON text, of what it saw, in <pre>:
//
//   widths     by width of the frame: how wide the page's contents are
//   paper      the colour of the background
//   scripts, images, handlers, links, requests    what a page could do harm with
//   text       by selector given after AXE: the texts of those elements
//   violations of WCAG 2.2 AA, and those that axe-core calls best practice

import { readFileSync } from "node:fs";

const [page, axe, ...selectors] = process.argv.slice(2);
const literal = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");

async function probe(html, axeSource, selectorList) {
	const show = (width, source) =>
		new Promise((resolve) => {
			const frame = document.createElement("iframe");
			frame.style = `border: 0; width: ${width}px; height: 900px`;
			frame.onload = () => resolve(frame);
			frame.srcdoc = source;
			document.body.append(frame);
		});
	const seen = { widths: {}, text: {} };

	for (const width of [320, 360, 768, 1280]) {
		const frame = await show(width, html);
		for (const details of frame.contentDocument.querySelectorAll("details"))
			details.open = true;
		seen.widths[width] = frame.contentDocument.documentElement.scrollWidth;
	}

	// Without the policy that forbids scripts: so it is seen whether there are any.
	const open = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
	const frame = await show(1280, open);
	const page = frame.contentDocument;
	const all = [...page.querySelectorAll("*")];
	const attributes = all.flatMap((e) => [...e.attributes].map((a) => a.name));
	seen.paper = frame.contentWindow.getComputedStyle(page.body).backgroundColor;
	seen.title = page.title;
	seen.policy = open.length < html.length;
	seen.scripts = page.scripts.length;
	seen.images = page.querySelectorAll("img, iframe, object, embed, link, image, use").length;
	seen.handlers = attributes.filter((name) => name.startsWith("on")).length;
	seen.links = attributes.filter((name) => /^(xlink:)?(src|href|srcset|action|style)$/.test(name)).length;
	seen.requests = frame.contentWindow.performance.getEntriesByType("resource").length;
	seen.ran = frame.contentWindow.ran === true || window.ran === true;
	for (const selector of selectorList)
		seen.text[selector] = [...page.querySelectorAll(selector)].map((e) => e.textContent);

	for (const details of page.querySelectorAll("details"))
		details.open = true;
	const script = page.createElement("script");
	script.textContent = axeSource;
	page.head.append(script);
	const { violations, passes } = await frame.contentWindow.axe.run(page, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	});
	seen.passes = passes.length;
	seen.violations = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes[0].html}`);
	document.querySelector("pre").textContent = btoa(
		String.fromCharCode(...new TextEncoder().encode(JSON.stringify(seen))),
	);
}

console.log(`<!DOCTYPE html>
<meta charset="utf-8">
<title>probe</title>
<body><pre></pre>
<script>(${probe})(${literal(readFileSync(page, "utf8"))}, ${literal(readFileSync(axe, "utf8"))},
${literal(selectors)})</script>`);
