/** Where pushes arrive, and what they open. */
export type PushOptions = {
  /**
   * The `ServiceWorkerRegistration`, or the path of the worker: a copy of `/nereid-chat/push-worker.js`, or a worker that imports it. Default: that file itself, which works
   * where the deployment has the origin of the page.
   */
  worker?: { readonly scope: string } | string | undefined;
  /** The page that a click on a notification opens, of the worker's origin; `{thread}` stands for the thread. Default: the page that subscribes. */
  page?: string | undefined;
};
