// Browsers refuse workers to a page opened from the file system, and the search runs in one. There, and only there, a
// hidden frame does its work: messages to it are events in the frame, messages from it come to us as the frame's parent.
if (location.protocol === "file:") {
  class IFrameWorker extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inner = frame.contentWindow;
      addEventListener("message", (event) => {
        if (event.source !== this.inner) return;
        const message = new MessageEvent("message", { data: event.data });
        this.dispatchEvent(message);
        if (this.onmessage) this.onmessage(message);
      });
      const page = frame.contentDocument;
      page.open();
      page.write("<html><body></body></html>");
      page.close();
      this.inner.postMessage = (data) => {
        // The frame's own script asks for its global postMessage: it answers to us.
        this.inner.Function("data", "parent.postMessage(data, '*')")(data);
      };
      this.ready = new Promise((resolve, reject) => {
        const script = page.createElement("script");
        script.onload = resolve;
        script.onerror = reject;
        script.src = url;
        page.body.append(script);
      });
    }

    postMessage(data) {
      this.ready.then(() => this.inner.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {}
  }
  window.IFrameWorker = window.Worker = IFrameWorker;
}
