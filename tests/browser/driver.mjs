// Drives a headless Chromium by the WebDriver protocol (W3C), through Debian's chromedriver: just what the tests of the replay page
// need. Everything runs on the loopback device, and in a directory that is removed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// As root Chromium has no sandbox; the others keep it from asking for anything outside.
const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--window-size=1400,1000'];
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'; // how the protocol marks one
export const KEYS = { left: '\uE012', up: '\uE013', right: '\uE014', down: '\uE015', tab: '\uE004', home: '\uE011', end: '\uE010', enter: '\uE007', space: ' ' };

export async function startBrowser() {
  const place = mkdtempSync(join(tmpdir(), 'tierlab-browser.'));
  const driver = spawn('chromedriver', ['--port=0', '--allowed-ips=127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'ignore'], detached: true, env: { ...process.env, TMPDIR: place } });
  const end = () => {
    try { process.kill(-driver.pid, 'SIGKILL'); } catch { /* it has ended by itself */ }
    rmSync(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  process.on('exit', end);
  const port = await new Promise((found, failed) => {
    let said = '';
    driver.stdout.on('data', (text) => {
      said += text;
      const match = /successfully on port (\d+)/.exec(said);
      if (match) found(match[1]);
    });
    driver.on('error', failed);
    driver.on('exit', () => failed(new Error(`chromedriver ended: ${said}`)));
  });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${path}: ${value.message.split('\n')[0]}`);
    return value;
  };
  const { sessionId } = await call('POST', '/session', { capabilities: { alwaysMatch: {
    browserName: 'chrome', 'goog:chromeOptions': { args: [...ARGUMENTS, `--user-data-dir=${place}`] },
    'goog:loggingPrefs': { browser: 'ALL' } } } });
  const at = `/session/${sessionId}`;
  return {
    open: (url) => call('POST', `${at}/url`, { url }),
    run: (script, ...args) => call('POST', `${at}/execute/sync`, { script, args }),
    messages: () => call('POST', `${at}/se/log`, { type: 'browser' }), // of the console, since the last call
    find: async (css) => (await call('POST', `${at}/element`, { using: 'css selector', value: css }))[ELEMENT],
    type: (text) => call('POST', `${at}/actions`, { actions: [{ type: 'key', id: 'keys',
      actions: [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]) }] }),
    clickAt: (element, x, y) => call('POST', `${at}/actions`, { actions: [{ type: 'pointer', id: 'mouse', actions: [
      { type: 'pointerMove', origin: { [ELEMENT]: element }, x: Math.round(x), y: Math.round(y) },
      { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }] }] }),
    devtools: (cmd, params) => call('POST', `${at}/goog/cdp/execute`, { cmd, params }),
    screenshot: async (file) => writeFileSync(file, Buffer.from(await call('GET', `${at}/screenshot`), 'base64')),
    quit: async () => { await call('DELETE', at); end(); },
  };
}

export async function until(what, ask, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((go) => setTimeout(go, 50))) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}
