// A browser extension's wallet, as far as a page can tell: it announces itself by EIP-6963 and
// answers EIP-1193. The key is in Python, behind the function `walletRequest`.
(() => {
  const listeners = {};
  const emit = (event, value) => (listeners[event] ?? []).forEach((listener) => listener(value));
  const provider = {
    async request({ method, params = [] }) {
      const answer = JSON.parse(await window.walletRequest(method, JSON.stringify(params)));
      if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
      if (answer.chainChanged) emit("chainChanged", answer.chainChanged);
      return answer.result;
    },
    on(event, listener) {
      (listeners[event] ??= []).push(listener);
    },
    removeListener() {},
  };
  const info = Object.freeze({
    uuid: "0f6c2c2e-3b0a-4f2e-9a52-1d7b6d0c5c11", name: "Test wallet", rdns: "test.wallet",
    icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
  });
  const announce = () => window.dispatchEvent(
    new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
