// The least of a Matrix client that shows a widget, over matrix-widget-api as Element uses it.
"use strict";
// Its browser build gives the library when it is called.
const widgets = mxwidgets();
window.said = { approved: null, openid: 0 };

window.show = (content, given, asksFirst) => {
  class Driver extends widgets.WidgetDriver {
    async validateCapabilities(requested) {
      window.said.approved = [...requested];
      return new Set();
    }
    askOpenID(observer) {
      window.said.openid += 1;
      const allowed = { state: widgets.OpenIDRequestState.Allowed, token: given };
      if (!given) observer.update({ state: widgets.OpenIDRequestState.Blocked });
      else if (!asksFirst) observer.update(allowed);
      else {
        observer.update({ state: widgets.OpenIDRequestState.PendingUserConfirmation });
        setTimeout(() => observer.update(allowed), 50);
      }
    }
  }
  const widget = new widgets.Widget(content);
  const url = new URL(widget.getCompleteUrl({
    widgetRoomId: "!room", currentUserId: "@somebody:school.test", userDisplayName: "Somebody",
    clientId: "test", clientTheme: "light", clientLanguage: "ru", baseUrl: location.origin,
  }));
  url.searchParams.set("widgetId", widget.id);
  url.searchParams.set("parentUrl", location.href);
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-same-origin allow-scripts";
  frame.title = widget.name;
  document.body.append(frame);
  const api = new widgets.ClientWidgetApi(widget, frame, new Driver());
  api.on("ready", () => { window.said.ready = true; });
  frame.src = url.toString();
};
