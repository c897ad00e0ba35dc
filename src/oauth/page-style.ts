/**
 * Style of the page in the browser: one card, light and dark, with text in rem so that it grows with the reader's own. Every pair of text and
 * ground has a contrast of 4.5:1 or more, symbols 3:1 (WCAG 2.2, 1.4.3 and 1.4.11; test/system/browser-page.test.ts measures them).
 */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f2f4f7;--card:#fff;--line:#e1e5eb;--ink:#1a202c;--soft:#566072;--code:#eef1f5;--mark:#2b5fab;--wash:#e4edf9}
.good{--mark:#12703d;--wash:#dff3e7}
.bad{--mark:#b3261e;--wash:#fbe6e4}
@media (prefers-color-scheme:dark){
:root{--page:#12151b;--card:#1b2029;--line:#2f3744;--ink:#e9ecf2;--soft:#a9b3c2;--code:#262d38;--mark:#8ab8f5;--wash:#1f3350}
.good{--mark:#6fdba3;--wash:#163826}
.bad{--mark:#ff9b91;--wash:#472120}
}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;place-items:center;padding:16px;background:var(--page);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
main{width:100%;max-width:34rem;padding:clamp(20px,6vw,40px);background:var(--card);border:1px solid var(--line);border-radius:1rem;box-shadow:0 1rem 3rem -1.5rem #0004;overflow-wrap:anywhere}
[role=status]{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem}
[role=status]>div{flex:1 1 14rem}
svg{flex:none;width:3rem;height:3rem}
circle{fill:var(--wash)}
path{fill:none;stroke:var(--mark);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
h1{margin:0;font-size:1.5rem;line-height:1.3;font-weight:650;letter-spacing:-.01em}
p{margin:.375rem 0 0}
dl{margin:1.75rem 0 0;border-top:1px solid var(--line)}
dl div{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
dt{flex:0 1 8rem;color:var(--soft)}
dd{flex:1 1 10rem;margin:0}
.next{margin-top:1.5rem}
code{display:inline-block;padding:.125rem .375rem;border-radius:.375rem;background:var(--code);font:.9375em/1.4 ui-monospace,monospace}
footer{margin-top:1.75rem;color:var(--soft);font-size:.875rem}
@media (prefers-reduced-motion:no-preference){
svg{animation:arrive .35s ease-out}
@keyframes arrive{from{opacity:0;transform:scale(.8)}}
}
@media (forced-colors:active){main{border-color:CanvasText}path{stroke:CanvasText}circle{fill:Canvas}}
`;
