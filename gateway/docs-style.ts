// The look of the gateway's own pages: the shop's bottle green on pale paper, light and dark by the reader's setting.

export const STYLE = `
:root{color-scheme:light dark;--ground:light-dark(oklch(.985 .008 112),oklch(.19 .018 165));--surface:light-dark(#fff,oklch(.235 .02 165));
--sunken:light-dark(oklch(.955 .013 112),oklch(.16 .016 165));--ink:light-dark(oklch(.23 .03 160),oklch(.955 .012 112));
--ink-2:light-dark(oklch(.46 .03 160),oklch(.76 .02 135));--line:light-dark(oklch(.89 .014 115),oklch(.33 .02 160));
--strong:light-dark(oklch(.6 .025 150),oklch(.57 .025 155));--brand:light-dark(oklch(.4 .085 160),oklch(.88 .175 116));
--focus:light-dark(oklch(.45 .16 265),oklch(.78 .11 265));--ticket:light-dark(oklch(.9 .175 116),oklch(.88 .175 116));--on-ticket:oklch(.21 .03 160)}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;-webkit-text-size-adjust:100%}
a{color:var(--brand);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
h1,h2,h3{line-height:1.15;text-wrap:balance;letter-spacing:-.01em}
h1{font-size:clamp(1.9rem,5vw,2.6rem);margin:0 0 .75rem}
h2{font-size:1.4rem;margin:3rem 0 .75rem;text-transform:capitalize}
h3{font-size:.8125rem;margin:1.25rem 0 .35rem;color:var(--ink-2);font-weight:600}
p{max-width:68ch;margin:.5rem 0;text-wrap:pretty}
code,pre{font:.875rem/1.55 ui-monospace,'Cascadia Code',Menlo,Consolas,monospace}
pre{background:var(--sunken);padding:.75rem 1rem;border-radius:4px;margin:.25rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.skip{position:absolute;left:-9999px}.skip:focus{left:1rem;top:1rem;background:var(--surface);padding:.5rem 1rem}
.page{display:grid;grid-template-columns:minmax(0,1fr);gap:1.5rem;max-width:80rem;margin:0 auto;padding:1.25rem}
main{min-width:0}
nav summary{font-weight:600;padding:.5rem 0;cursor:pointer}
nav ul{list-style:none;margin:0;padding:0}
nav a{display:block;padding:.3rem .5rem;border-radius:4px;text-decoration:none;color:var(--ink);font-size:.9375rem;text-transform:capitalize}
nav a:hover{background:var(--sunken)}
@media (min-width:60rem){.page{grid-template-columns:14rem minmax(0,1fr);gap:3rem;padding:2.5rem 2rem}nav{position:sticky;top:1.5rem;align-self:start;max-height:calc(100vh - 3rem);overflow:auto}}
.find{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:1.5rem 0 0}
.find input{flex:1 1 14rem;min-height:44px;padding:0 .75rem;font:inherit;color:inherit;background:var(--surface);border:1px solid var(--strong);border-radius:4px}
.find output{color:var(--ink-2);font-size:.875rem;font-variant-numeric:tabular-nums}
.op{border-top:1px solid var(--line)}
.op:last-of-type{border-bottom:1px solid var(--line)}
.op>summary{display:grid;grid-template-columns:4.25rem minmax(0,1fr);gap:.1rem .75rem;align-items:baseline;padding:.65rem .25rem;cursor:pointer;list-style:none}
.op>summary::-webkit-details-marker{display:none}
.op>summary:hover{background:var(--sunken)}
.op>summary code{overflow-wrap:anywhere;font-weight:600}
.op>summary .what{grid-column:2;color:var(--ink-2);font-size:.9375rem}
.method{font:700 .75rem/1.5rem ui-monospace,Menlo,Consolas,monospace;text-align:center;border:1px solid var(--strong);border-radius:4px}
.method.writes{background:var(--ticket);color:var(--on-ticket);border-color:transparent}
.body{padding:.25rem .25rem 1.5rem}
@media (min-width:40rem){.body{padding-left:5rem}}
.body>p:first-child{margin-top:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-size:.8125rem;color:var(--ink-2);font-weight:600}
td:first-child{white-space:nowrap}
.codes td:first-child{white-space:normal;width:4rem}#errors~.scroll td:first-child{width:auto}
.lead{font-size:1.0625rem}
[hidden]{display:none!important}
.plain{max-width:44rem;margin:0 auto;padding:3rem 1.25rem}
`;
