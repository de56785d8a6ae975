/**
 * <porchlight-tile camera="gate"> plays one camera of a Porchlight node by WHEP.
 *
 * Attributes
 *   camera      name of the camera; a change plays the other one
 *   node        address of the node, for pages from elsewhere; default: where this file came from
 *   token       access token, sent as a bearer; not needed for public cameras
 *   rendition   auto (default), main or sub
 *   overlay     shows figures over the picture
 *   audio       also asks for sound; the page must then unmute, as browsers demand a gesture
 *
 * Properties: state ("idle", "connecting", "playing", "waiting", "refused"), reason, status (HTTP, while refused), figures (the last ones, see Figures below).
 * Events: "state" on each change; "figures" about every second. Neither bubbles.
 *
 * It reconnects by itself, with a growing pause, unless the node said no. It tells the node its size and whether it can be seen, so that a
 * small tile gets the small picture and a hidden one none.
 */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** No picture for this long: the session is taken for dead. */
const SILENCE_MS = 10_000;
const GATHERING_MS = 1_500;
const REQUEST_MS = 10_000;
const FIGURES_MS = 1_000;
const LAYER_DEBOUNCE_MS = 300;

// A constructed sheet, which a page's content security policy does not take for an inline one.
const STYLE = new CSSStyleSheet();
STYLE.replaceSync(`
  :host { display: block; position: relative; background: #101418; overflow: hidden; aspect-ratio: 16 / 9; }
  :host([hidden]) { display: none; }
  video { display: block; width: 100%; height: 100%; object-fit: contain; }
  .note { position: absolute; inset: 0; display: grid; place-content: center; text-align: center; gap: .4em; padding: 1em;
          color: #e8edf2; font: 15px/1.4 system-ui, sans-serif; }
  .note b { font-weight: 600; }
  .note span { color: #a9b4bf; }
  .note[hidden], dl[hidden] { display: none; }
  dl { position: absolute; left: 8px; top: 8px; margin: 0; padding: 6px 9px; display: grid; grid-template-columns: auto auto; gap: 1px 10px;
       background: rgb(10 14 18 / .72); color: #e8edf2; font: 12px/1.35 ui-monospace, monospace; border-radius: 4px; pointer-events: none; }
  dt { color: #a9b4bf; } dd { margin: 0; text-align: right; }
`);

const OVERLAY = [
  ['state', (f) => f.state],
  ['codec', (f) => f.codec],
  ['size', (f) => (f.width ? `${f.width} x ${f.height}` : '')],
  ['rate', (f) => (f.kilobits === null ? '' : `${f.kilobits} kb/s`)],
  ['frames', (f) => (f.framesPerSecond === null ? '' : `${f.framesPerSecond}/s`)],
  ['lost', (f) => (f.lostPercent === null ? '' : `${f.lostPercent.toFixed(1)} %`)],
  ['round trip', (f) => (f.roundTripMs === null ? '' : `${Math.round(f.roundTripMs)} ms`)],
  ['age', (f) => (f.ageMs === null ? '' : `${Math.round(f.ageMs)} ms`)],
];

/** What a node said to a request that it did not grant. */
class Refusal extends Error {
  constructor(status, message, retryAfterMs) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether asking again could help: not for a no, but for too much at once, and for a node in trouble. */
  get passes() {
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }

  static async of(response) {
    let message = '';
    try {
      const problem = await response.clone().json();
      const { title = '', detail = '' } = problem;
      message = detail.startsWith(title) ? detail : [title, detail].filter(Boolean).join(': ');
    } catch {
      message = (await response.text().catch(() => '')).slice(0, 200);
    }
    const retryAfter = Number(response.headers.get('Retry-After'));
    const plain = {
      401: 'Log in to watch this camera',
      403: 'You may not watch this camera now',
      404: 'There is no such camera',
      406: 'This browser cannot play the camera\'s video',
    };
    return new Refusal(response.status, message || plain[response.status] || `The node answered ${response.status}`,
      retryAfter > 0 ? retryAfter * 1000 : 0);
  }
}

/** One WHEP session: from the offer to its end. A tile makes a new one for each attempt. */
class WhepSession {
  #peer;
  #resource = null;
  #token;
  #ended = false;

  constructor(token) {
    this.#token = token;
    this.#peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  }

  get peer() {
    return this.#peer;
  }

  /** @returns the stream, once the node has answered; it plays when media comes */
  async open(url, withAudio) {
    const stream = new MediaStream();
    this.#peer.addEventListener('track', (event) => {
      stream.addTrack(event.track);
      if ('jitterBufferTarget' in event.receiver) {
        event.receiver.jitterBufferTarget = 0;
      }
    });
    this.#peer.addTransceiver('video', { direction: 'recvonly' });
    if (withAudio) {
      this.#peer.addTransceiver('audio', { direction: 'recvonly' });
    }
    await this.#peer.setLocalDescription();
    await this.#gathered();
    const response = await fetch(url, {
      method: 'POST',
      headers: this.#headers({ 'Content-Type': 'application/sdp' }),
      body: this.#peer.localDescription.sdp,
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (response.status !== 201) {
      throw await Refusal.of(response);
    }
    const location = response.headers.get('Location');
    this.#resource = location ? new URL(location, response.url || url).href : null;
    const sdp = await response.text();
    if (this.#ended) {
      this.#leave();
      throw new Error('ended while it began');
    }
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    return stream;
  }

  /** @returns false: the node does not know such a wish */
  async ask(layer) {
    if (!this.#resource || this.#ended) {
      return true;
    }
    const response = await fetch(`${this.#resource}/layer`, {
      method: 'POST',
      headers: this.#headers({ 'Content-Type': 'application/json' }),
      body: JSON.stringify(layer),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    return response.ok || response.status >= 500;
  }

  end() {
    if (!this.#ended) {
      this.#ended = true;
      this.#peer.close();
      this.#leave();
    }
  }

  /** Tells the node, also while the page goes away. */
  #leave() {
    if (this.#resource) {
      fetch(this.#resource, { method: 'DELETE', headers: this.#headers({}), keepalive: true }).catch(() => {});
    }
  }

  #headers(headers) {
    return this.#token ? { ...headers, Authorization: `Bearer ${this.#token}` } : headers;
  }

  /** Own candidates hardly matter, as the node answers where the checks come from; so this waits a moment at most. */
  #gathered() {
    if (this.#peer.iceGatheringState === 'complete') {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHERING_MS);
      this.#peer.addEventListener('icegatheringstatechange', () => {
        if (this.#peer.iceGatheringState === 'complete') {
          clearTimeout(timer);
          resolve();
        }
      });
    });
  }
}

class PorchlightTile extends HTMLElement {
  static observedAttributes = ['camera', 'node', 'token', 'rendition', 'overlay', 'audio'];

  #video = document.createElement('video');
  #note = document.createElement('div');
  #overlay = document.createElement('dl');
  #session = null;
  #attempt = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #retry = 0;
  #ticker = 0;
  #layerTimer = 0;
  #layersKnown = true;
  #visible = true;
  #before = null;
  #lastFrameAt = 0;
  #frame = null;
  #resize = new ResizeObserver(() => this.#layerLater());
  #sight = new IntersectionObserver((entries) => {
    this.#visible = entries[entries.length - 1].isIntersecting;
    this.#layerLater();
  });
  #onPageVisibility = () => this.#layerLater();

  state = 'idle';
  reason = '';
  /** HTTP status of the refusal, while refused; else 0. */
  status = 0;
  figures = null;

  constructor() {
    super();
    this.#video.autoplay = true;
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#note.className = 'note';
    this.#note.setAttribute('role', 'status');
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [STYLE];
    root.append(this.#video, this.#note, this.#overlay);
    this.#watchFrames();
  }

  /** The element that plays, for pages that draw from it or unmute it. */
  get video() {
    return this.#video;
  }

  connectedCallback() {
    this.#resize.observe(this);
    this.#sight.observe(this);
    document.addEventListener('visibilitychange', this.#onPageVisibility);
    this.#ticker = setInterval(() => this.#tick(), FIGURES_MS);
    this.#render();
    this.play();
  }

  disconnectedCallback() {
    this.#resize.disconnect();
    this.#sight.disconnect();
    document.removeEventListener('visibilitychange', this.#onPageVisibility);
    clearInterval(this.#ticker);
    this.stop();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.isConnected || before === after) {
      return;
    }
    if (name === 'overlay') {
      this.#render();
    } else if (name === 'rendition') {
      this.#layerLater();
    } else {
      this.play();
    }
  }

  /** Begins, or begins again. */
  play() {
    this.#end();
    this.#pauseMs = FIRST_PAUSE_MS;
    if (this.getAttribute('camera')) {
      this.#connect();
    } else {
      this.#become('idle', '');
    }
  }

  /** Ends the session and stays so. */
  stop() {
    this.#end();
    this.#become('idle', '');
  }

  #end() {
    this.#attempt++;
    clearTimeout(this.#retry);
    clearTimeout(this.#layerTimer);
    this.#session?.end();
    this.#session = null;
    this.#video.srcObject = null;
    this.#before = null;
    this.#frame = null;
  }

  #url() {
    const camera = this.getAttribute('camera').split('/').map(encodeURIComponent).join('/');
    const sub = this.getAttribute('rendition') === 'sub' ? '/sub' : '';
    return new URL(`whep/${camera}${sub}`, new URL(this.getAttribute('node') ?? '../', import.meta.url)).href;
  }

  async #connect() {
    const attempt = ++this.#attempt;
    const session = new WhepSession(this.getAttribute('token'));
    this.#session = session;
    this.#layersKnown = true;
    this.#become('connecting', '');
    session.peer.addEventListener('connectionstatechange', () => {
      if (attempt === this.#attempt && ['failed', 'closed'].includes(session.peer.connectionState)) {
        this.#again('The connection was lost');
      }
    });
    try {
      const stream = await session.open(this.#url(), this.hasAttribute('audio'));
      if (attempt !== this.#attempt) {
        session.end();
        return;
      }
      this.#lastFrameAt = performance.now();
      this.#video.srcObject = stream;
      this.#video.play().catch(() => {});
      this.#layerLater();
    } catch (failure) {
      session.end();
      if (attempt === this.#attempt) {
        this.#failed(failure);
      }
    }
  }

  #failed(failure) {
    if (failure instanceof Refusal && !failure.passes) {
      this.#end();
      this.#become('refused', failure.message, failure.status);
    } else if (failure instanceof Refusal) {
      this.#again(failure.message, failure.retryAfterMs);
    } else {
      this.#again('The node cannot be reached');
    }
  }

  #again(reason, atLeastMs = 0) {
    this.#end();
    this.#become('waiting', reason);
    const pause = Math.max(atLeastMs, this.#pauseMs * (0.75 + Math.random() / 2));
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#retry = setTimeout(() => this.#connect(), pause);
  }

  #watchFrames() {
    if (!this.#video.requestVideoFrameCallback) {
      return;
    }
    const onFrame = (now, frame) => {
      this.#lastFrameAt = performance.now();
      this.#frame = frame;
      if (this.state === 'connecting') {
        this.#pauseMs = FIRST_PAUSE_MS;
        this.#become('playing', '');
      }
      this.#video.requestVideoFrameCallback(onFrame);
    };
    this.#video.requestVideoFrameCallback(onFrame);
  }

  async #tick() {
    const session = this.#session;
    if (!session || (this.state !== 'playing' && this.state !== 'connecting')) {
      return;
    }
    const wanted = this.#visible && !document.hidden;
    if (!wanted) {
      this.#lastFrameAt = performance.now();
    } else if (this.#video.srcObject && performance.now() - this.#lastFrameAt > SILENCE_MS) {
      this.#again('No picture comes');
      return;
    }
    const report = await session.peer.getStats();
    if (session === this.#session) {
      this.#read(report);
      this.#render();
      this.dispatchEvent(new CustomEvent('figures', { detail: this.figures }));
    }
  }

  /** Figures: state, codec, width, height, kilobits, framesPerSecond, lostPercent, roundTripMs, ageMs, framesDecoded, freezes; null: not known. */
  #read(report) {
    const all = [...report.values()];
    const video = all.find((s) => s.type === 'inbound-rtp' && s.kind === 'video');
    const pair = all.find((s) => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
    const codec = video && report.get(video.codecId);
    const before = this.#before;
    this.#before = video;
    const same = video && before && before.id === video.id && video.timestamp > before.timestamp;
    const seconds = same ? (video.timestamp - before.timestamp) / 1000 : 0;
    const received = same ? video.packetsReceived - before.packetsReceived : 0;
    const lost = same ? Math.max(0, video.packetsLost - before.packetsLost) : 0;
    const captured = this.#frame?.captureTime;
    this.figures = {
      state: this.state,
      codec: codec?.mimeType?.replace('video/', '') ?? '',
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      kilobits: same ? Math.round((video.bytesReceived - before.bytesReceived) * 8 / 1000 / seconds) : null,
      framesPerSecond: same ? Math.round((video.framesDecoded - before.framesDecoded) / seconds) : null,
      lostPercent: received + lost > 0 ? 100 * lost / (received + lost) : null,
      roundTripMs: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
      ageMs: captured === undefined ? null : Math.max(0, performance.now() - captured),
      framesDecoded: video?.framesDecoded ?? 0,
      freezes: video?.freezeCount ?? 0,
    };
  }

  #layerLater() {
    clearTimeout(this.#layerTimer);
    this.#layerTimer = setTimeout(() => this.#tellLayer(), LAYER_DEBOUNCE_MS);
  }

  async #tellLayer() {
    const session = this.#session;
    if (!session || !this.#layersKnown || this.state === 'refused') {
      return;
    }
    const scale = window.devicePixelRatio || 1;
    const box = this.getBoundingClientRect();
    try {
      const known = await session.ask({
        rendition: this.getAttribute('rendition') ?? 'auto',
        width: Math.round(box.width * scale),
        height: Math.round(box.height * scale),
        paused: !this.#visible || document.hidden,
      });
      if (session === this.#session) {
        this.#layersKnown = known;
      }
    } catch {
      // Only a wish: the picture goes on as it is.
    }
  }

  #become(state, reason, status = 0) {
    const changed = state !== this.state || reason !== this.reason || status !== this.status;
    this.state = state;
    this.reason = reason;
    this.status = status;
    if (this.figures) {
      this.figures = { ...this.figures, state };
    }
    this.#render();
    if (changed) {
      this.dispatchEvent(new CustomEvent('state', { detail: { state, reason } }));
    }
  }

  #render() {
    const words = { idle: 'Stopped', connecting: 'Connecting', waiting: 'Trying again', refused: 'Not shown' };
    this.#note.hidden = this.state === 'playing';
    const title = document.createElement('b');
    title.textContent = words[this.state] ?? '';
    const why = document.createElement('span');
    why.textContent = this.reason;
    this.#note.replaceChildren(title, why);
    this.#overlay.hidden = !this.hasAttribute('overlay') || !this.figures || this.state !== 'playing';
    if (!this.#overlay.hidden) {
      this.#overlay.replaceChildren(...OVERLAY.flatMap(([label, text]) => {
        const value = text(this.figures);
        if (!value) {
          return [];
        }
        const dt = document.createElement('dt');
        const dd = document.createElement('dd');
        dt.textContent = label;
        dd.textContent = value;
        return [dt, dd];
      }));
    }
  }
}

customElements.define('porchlight-tile', PorchlightTile);

export { PorchlightTile };
