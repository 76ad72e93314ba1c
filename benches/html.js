// The browser's part of benches/html.sh: load times, filters, the policy, pictures. Ends with an error if anything is wrong.
"use strict";
const { chromium } = require("playwright-core");
const path = require("node:path");
const fs = require("node:fs");
const assert = require("node:assert");

const out = path.resolve(process.argv[2]);
const address = (name) => `file://${path.join(out, name)}`;

async function opened(browser, name, settings) {
  const page = await browser.newPage(settings);
  const heard = [];
  page.on("console", (message) => heard.push(message.text()));
  page.on("pageerror", (error) => heard.push(String(error)));
  page.on("dialog", (dialog) => heard.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => request.url() === address(name) || heard.push(`request: ${request.url()}`));
  const inside = await page.context().newCDPSession(page);
  await inside.send("Performance.enable", { timeDomain: "threadTicks" });
  const start = performance.now();
  await page.goto(address(name), { waitUntil: "load" });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const took = performance.now() - start;
  const { metrics } = await inside.send("Performance.getMetrics");
  const busy = metrics.find((metric) => metric.name === "TaskDuration").value * 1000;
  return { page, heard, took, busy };
}

const shown = (page) => page.$$eval(".places > li", (all) => all.filter((one) => !one.closest("[hidden]")).length);

async function filters(page) {
  const all = await shown(page);
  const counts = {};
  for (const name of ["error", "warning", "note"]) {
    await page.locator(`[name=severity][value=${name}]`).uncheck();
    counts[name] = all - (await shown(page));
    await page.locator(`[name=severity][value=${name}]`).check();
  }
  for (const box of await page.locator("[name=reach]").all()) {
    const reach = await box.getAttribute("value");
    await box.uncheck();
    counts[reach] = all - (await shown(page));
    await box.check();
  }
  assert.equal(await shown(page), all, "filters that are undone hide nothing");
  assert.equal(counts.error + counts.warning + counts.note, all);
  assert.equal(counts.files + counts.pushed + counts.committed + counts.staged + counts.local, all);
  await page.locator("[type=search]").fill("no such words");
  assert.equal(await shown(page), 0);
  await page.locator("[type=search]").fill("");
  return { all, ...counts };
}

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const sizes = { phone: { width: 360, height: 800 }, desktop: { width: 1280, height: 900 } };
  for (const name of ["audit.html", "many.html"]) {
    console.log(name, `${(fs.statSync(path.join(out, name)).size / 1e6).toFixed(1)} MB`);
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of ["light", "dark"]) {
        const { page, heard, took, busy } = await opened(browser, name, { viewport, colorScheme });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert(wide <= 0, `${size}: ${wide} px too wide`);
        if (name === "audit.html") {
          // What is out of sight is not painted; so all of it is in sight.
          const height = await page.evaluate(() => document.documentElement.scrollHeight);
          await page.setViewportSize({ ...viewport, height });
        }
        await page.screenshot({ path: path.join(out, `${name}-${size}-${colorScheme}.png`) });
        const counted = await filters(page);
        const each = await page.evaluate(() => {
          const box = document.querySelector("[name=severity][value=error]");
          const begun = performance.now();
          for (let round = 0; round < 4; round += 1) {
            box.click();
            document.body.getBoundingClientRect();
          }
          return (performance.now() - begun) / 4;
        });
        assert.deepEqual(heard, []);
        console.log(`  ${size} ${colorScheme}: loaded in ${took.toFixed(0)} ms (main thread ${busy.toFixed(0)} ms), a filter ${each.toFixed(0)} ms`, JSON.stringify(counted));
        await page.close();
      }
    }
    const { page } = await opened(browser, name, { javaScriptEnabled: true, viewport: sizes.desktop });
    const total = await shown(page);
    await page.close();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const bare = await context.newPage();
    await bare.goto(address(name));
    assert.equal(await bare.locator(".places > li").count(), total, "without script everything is there");
    assert.equal(await bare.locator(".filters").isVisible(), false);
    await context.close();
  }
  const { page, heard } = await opened(browser, "many.html", {});
  assert.equal(await page.locator("script").count(), 1, "a script in a path stays text");
  await page.evaluate(() => fetch("https://example.org/").catch(() => {}));
  const added = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    return window.ran === true;
  });
  assert.equal(added, false, "the policy lets no other script run");
  assert(heard.some((text) => text.includes("Content Security Policy")), "the policy refuses requests");
  await browser.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
