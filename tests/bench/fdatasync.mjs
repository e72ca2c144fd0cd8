// fdatasync.mjs FILE: what a flush of 4 KiB costs there.
import * as fs from "node:fs";
const fd = fs.openSync(process.argv[2], "w"), block = Buffer.alloc(4096, 120), took = [];
for (let i = 0; i < 300; i++) {
	fs.writeSync(fd, block);
	const start = process.hrtime.bigint();
	fs.fdatasyncSync(fd);
	took.push(Number(process.hrtime.bigint() - start) / 1e6);
}
took.sort((a, b) => a - b);
console.log(`median ${took[150].toFixed(2)} ms, p99 ${took[297].toFixed(2)} ms`);
