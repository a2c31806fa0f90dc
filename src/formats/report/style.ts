import { css, type Markup } from './html.ts';

/** The look of a report: light, dark, narrow and on paper. */
export const style: Markup = css`
  :root {
    color-scheme: light dark;
    --paper: #fbfaf8;
    --surface: #ffffff;
    --sunken: #f3f1ed;
    --line: #e3dfd8;
    --strong: #c8c2b8;
    --control: #8a8378;
    --ink: #1d1b18;
    --ink-2: #56524b;
    --ink-3: #6f6a61;
    --accent: #3b4cca;
    --accent-ink: #ffffff;
    --good: #17734a;
    --good-soft: #e2f4ea;
    --bad: #b3322a;
    --bad-soft: #fceae8;
    --warn: #8a5a00;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --paper: #131418;
      --surface: #1a1c22;
      --sunken: #0e0f12;
      --line: #2c2f38;
      --strong: #454955;
      --control: #7d8292;
      --ink: #ecebe8;
      --ink-2: #b3b2b6;
      --ink-3: #94949c;
      --accent: #98a5ff;
      --accent-ink: #10132b;
      --good: #5fcf98;
      --good-soft: #14352a;
      --bad: #ff8f85;
      --bad-soft: #41201e;
      --warn: #e8b659;
    }
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  html {
    background: var(--paper);
    color: var(--ink);
    -webkit-text-size-adjust: 100%;
    text-size-adjust: 100%;
  }
  body {
    margin: 0;
    font:
      0.9375rem/1.5 ui-sans-serif,
      system-ui,
      Roboto,
      sans-serif;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    max-width: 24ch;
    font-size: clamp(1.875rem, 1.4rem + 2.2vw, 2.875rem);
    line-height: 1.1;
    letter-spacing: -0.02em;
    font-weight: 650;
    text-wrap: balance;
  }
  h2 {
    font-size: 1.125rem;
    line-height: 1.25;
    letter-spacing: -0.01em;
    font-weight: 620;
    text-wrap: balance;
  }
  h3 {
    margin-bottom: 0.5rem;
    font-size: 0.9375rem;
    font-weight: 600;
  }
  code {
    font:
      0.8125rem ui-monospace,
      Menlo,
      Consolas,
      monospace;
    overflow-wrap: anywhere;
  }
  a {
    color: inherit;
    text-decoration-color: var(--strong);
    text-underline-offset: 0.2em;
  }
  a:hover {
    color: var(--accent);
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .muted {
    color: var(--ink-2);
  }
  .small {
    font-size: 0.8125rem;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .said {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  svg {
    display: block;
    overflow: visible;
  }
  svg text {
    font-size: 0.75rem;
    fill: var(--ink-3);
    text-anchor: middle;
    font-variant-numeric: tabular-nums;
  }
  article {
    max-width: 74rem;
    margin: 0 auto;
    padding: 2rem clamp(1rem, 4vw, 3rem) 3rem;
  }
  header {
    display: grid;
    gap: 0.75rem;
    padding-bottom: 2rem;
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    margin-bottom: 2.5rem;
    font-weight: 600;
  }
  .brand .muted {
    font-weight: 400;
  }
  .logo {
    fill: var(--accent-ink);
  }
  .logo rect {
    fill: var(--accent);
  }
  .logo path {
    fill: none;
    stroke: var(--accent-ink);
    stroke-width: 2.6;
    stroke-linecap: round;
  }
  .logo .faint {
    opacity: 0.5;
  }
  .name {
    color: var(--ink-2);
  }
  header.good h1 {
    color: var(--good);
  }
  header.bad h1 {
    color: var(--bad);
  }
  .because {
    max-width: 60ch;
    font-size: 1.1875rem;
    font-variant-numeric: tabular-nums;
  }
  header .small {
    max-width: 68ch;
  }
  .note {
    max-width: 68ch;
    padding-left: 0.75rem;
    border-left: 3px solid var(--warn);
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
    gap: 1rem 1.5rem;
    margin-top: 1.25rem;
    padding: 1.25rem 0;
    border-block: 1px solid var(--line);
  }
  .figures strong {
    display: block;
    font-size: 1.375rem;
    font-weight: 600;
    letter-spacing: -0.01em;
    line-height: 1.3;
    font-variant-numeric: tabular-nums;
  }
  .figures .muted {
    display: block;
    font-size: 0.8125rem;
    line-height: 1.35;
  }
  nav ul {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1.25rem;
    padding-bottom: 2rem;
    font-size: 0.8125rem;
    color: var(--ink-2);
  }
  section {
    display: grid;
    grid-template-columns: minmax(0, 14rem) minmax(0, 1fr);
    gap: 1rem 3rem;
    padding: 2rem 0 2.5rem;
    border-top: 1px solid var(--line);
  }
  .aside {
    display: grid;
    gap: 0.5rem;
    align-content: start;
  }
  .body {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.25rem;
    align-content: start;
  }
  .body > p,
  .body li p {
    max-width: 68ch;
  }
  .card {
    padding: 1.25rem 1.5rem;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--surface);
  }
  .body > h3 {
    margin-bottom: -0.5rem;
  }
  .intervals + p,
  .model p {
    margin-top: 0.5rem;
  }
  .outcome {
    font-size: 1.0625rem;
    font-weight: 550;
  }
  .outcome.good {
    color: var(--good);
  }
  .outcome.warn {
    color: var(--warn);
  }
  .scroll {
    overflow-x: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 0.4375rem 0 0.4375rem 1rem;
    border-bottom: 1px solid var(--line);
    text-align: start;
    vertical-align: baseline;
    font-weight: 400;
  }
  th:first-child {
    padding-left: 0;
    min-width: 4.5rem;
  }
  thead th {
    color: var(--ink-2);
    vertical-align: bottom;
    line-height: 1.3;
  }
  .number {
    text-align: end;
    white-space: nowrap;
  }
  thead .number {
    white-space: normal;
  }
  tr.strong th,
  tr.strong td {
    font-weight: 600;
  }
  .interval {
    display: grid;
    grid-template-columns:
      minmax(0, 12rem) minmax(0, 1fr)
      9.5rem;
    align-items: center;
    gap: 0 1.25rem;
    font-size: 0.8125rem;
    break-inside: avoid;
  }
  .interval .label {
    padding: 0.25rem 0;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }
  .interval .label .muted {
    display: block;
    font-size: 0.75rem;
  }
  .interval .value {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .interval .value .muted {
    margin-left: 0.375rem;
  }
  .grid {
    stroke: var(--line);
  }
  .zero {
    stroke: var(--control);
    stroke-width: 1.5;
  }
  .mark {
    stroke: var(--ink-2);
    fill: var(--ink-2);
    stroke-width: 2;
  }
  .good .mark {
    stroke: var(--good);
    fill: var(--good);
  }
  .bad .mark {
    stroke: var(--bad);
    fill: var(--bad);
  }
  .interval.good .value strong {
    color: var(--good);
  }
  .interval.bad .value strong {
    color: var(--bad);
  }
  figure {
    break-inside: avoid;
  }
  figure.scores {
    display: grid;
    grid-template-columns: 36px minmax(0, 1fr);
  }
  .side text {
    text-anchor: end;
  }
  .scores .best {
    stroke: var(--accent);
    stroke-width: 2;
  }
  .scores .start {
    stroke: var(--control);
    stroke-width: 1.5;
    stroke-dasharray: 4 4;
  }
  .scores .spread {
    stroke: var(--accent);
    stroke-width: 9;
    stroke-opacity: 0.16;
    stroke-linecap: round;
  }
  .scores circle {
    stroke: var(--paper);
    stroke-width: 1.5;
  }
  .scores .selected {
    fill: var(--good);
  }
  .scores .kept {
    fill: var(--accent);
  }
  .scores .dropped,
  .scores .open {
    fill: var(--paper);
    stroke: var(--control);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1.25rem;
    font-size: 0.8125rem;
    color: var(--ink-2);
  }
  .legend li {
    display: flex;
    align-items: center;
    gap: 0.375rem;
  }
  .legend svg {
    flex: none;
  }
  .tree .edge {
    stroke: var(--line);
    stroke-width: 1.5;
  }
  .tree .way {
    stroke: var(--accent);
    stroke-width: 2.5;
  }
  .tree circle.way {
    fill: var(--accent);
    stroke: var(--paper);
    stroke-width: 2;
  }
  .tree .node {
    fill: var(--strong);
  }
  .tree text {
    fill: var(--ink);
    font-size: 0.6875rem;
    font-weight: 600;
    stroke: var(--paper);
    stroke-width: 3px;
    paint-order: stroke;
  }
  .prompt {
    display: grid;
    gap: 0.75rem;
    align-content: start;
  }
  .prompt .opening {
    font-weight: 550;
  }
  .prompt ul {
    display: grid;
    gap: 0.75rem;
  }
  .prompt li {
    position: relative;
    padding-left: 1.25rem;
    break-inside: avoid;
  }
  .prompt li::before {
    content: '';
    position: absolute;
    left: 0;
    top: 0.55em;
    width: 0.375rem;
    height: 0.375rem;
    border-radius: 50%;
    background: var(--accent);
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
    gap: 1.5rem 2rem;
  }
  .changes {
    display: grid;
    gap: 0.375rem;
  }
  .changes li {
    display: grid;
    grid-template-columns: 1.25rem minmax(0, 1fr);
  }
  .sign {
    color: var(--ink-3);
    font-weight: 600;
  }
  .added .sign {
    color: var(--good);
  }
  .removed .sign {
    color: var(--bad);
  }
  ins {
    border-radius: 2px;
    background: var(--good-soft);
    color: var(--good);
    text-decoration: none;
  }
  del {
    border-radius: 2px;
    background: var(--bad-soft);
    color: var(--bad);
  }
  .steps {
    display: grid;
  }
  .steps > li {
    position: relative;
    display: grid;
    gap: 0.25rem;
    padding: 0 0 1.25rem 1.75rem;
    break-inside: avoid;
  }
  .steps > li::before {
    content: '';
    position: absolute;
    left: 0.125rem;
    top: 0.4em;
    width: 0.625rem;
    height: 0.625rem;
    border-radius: 50%;
    background: var(--accent);
  }
  .steps > li::after {
    content: '';
    position: absolute;
    left: 0.375rem;
    top: 1.25em;
    bottom: -0.25em;
    border-left: 2px solid var(--line);
  }
  .steps > li:last-child {
    padding-bottom: 0;
  }
  .steps > li:last-child::after {
    display: none;
  }
  .steps .head {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.75rem;
    align-items: baseline;
  }
  .examples {
    columns: 20rem;
    column-gap: 2rem;
  }
  .example {
    display: grid;
    gap: 0.25rem;
    padding: 0.75rem 0;
    border-top: 1px solid var(--line);
    break-inside: avoid;
  }
  .example .query {
    font-weight: 550;
  }
  .bars {
    display: grid;
    gap: 0.375rem;
    font-size: 0.8125rem;
  }
  .bars > div {
    display: grid;
    grid-template-columns: minmax(0, 14rem) minmax(0, 1fr);
    align-items: center;
    gap: 0 1.25rem;
  }
  .bars dd {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 5.5rem;
    align-items: center;
    gap: 1rem;
    font-variant-numeric: tabular-nums;
  }
  .track {
    fill: var(--line);
  }
  .fill {
    fill: var(--accent);
  }
  .facts {
    display: grid;
    font-size: 0.8125rem;
  }
  .facts > div {
    display: grid;
    grid-template-columns: minmax(0, 14rem) minmax(0, 1fr);
    gap: 0 1.25rem;
    padding: 0.3125rem 0;
    border-bottom: 1px solid var(--line);
    break-inside: avoid;
  }
  .facts > div:last-child {
    border-bottom: 0;
  }
  dt {
    color: var(--ink-2);
  }
  dd {
    overflow-wrap: anywhere;
  }
  .groups {
    columns: 22rem;
    column-gap: 2.5rem;
  }
  .group {
    break-inside: avoid;
    padding-bottom: 1.5rem;
  }
  .group .facts > div {
    grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
  }
  .criteria {
    columns: 20rem;
    column-gap: 2.5rem;
    font-size: 0.8125rem;
  }
  .criteria > div {
    padding-bottom: 0.625rem;
    break-inside: avoid;
  }
  .criteria dt {
    color: var(--ink);
    font-weight: 600;
  }
  .criteria dd {
    color: var(--ink-2);
  }
  .numbered {
    display: grid;
    gap: 0.5rem;
    padding-left: 1.25rem;
    list-style: decimal;
    max-width: 68ch;
  }
  footer {
    padding-top: 1.5rem;
    border-top: 1px solid var(--line);
  }
  @media (width < 56rem) {
    section {
      grid-template-columns: minmax(0, 1fr);
    }
    .brand {
      margin-bottom: 1.25rem;
    }
  }
  @media (width < 40rem) {
    .interval {
      grid-template-columns:
        minmax(0, 1fr)
        max-content;
      padding-bottom: 0.5rem;
    }
    .interval svg {
      grid-column: 1 / -1;
      grid-row: 2;
    }
    .interval.axis span {
      display: none;
    }
    .facts > div {
      grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
      gap: 0 1rem;
    }
    .figures {
      grid-template-columns: 1fr 1fr;
    }
    .card {
      padding: 1rem;
    }
    th,
    td {
      padding-left: 0.625rem;
    }
    .bars > div {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media print {
    :root {
      color-scheme: light;
      --paper: #ffffff;
      --surface: #ffffff;
      --sunken: #ffffff;
      --line: #c4c4c4;
      --strong: #8c8c8c;
      --control: #6a6a6a;
      --ink: #000000;
      --ink-2: #333333;
      --ink-3: #444444;
      --accent: #000000;
      --accent-ink: #ffffff;
      --good: #000000;
      --good-soft: #ffffff;
      --bad: #000000;
      --bad-soft: #ffffff;
      --warn: #000000;
    }
    @page {
      margin: 16mm 15mm 18mm;
    }
    * {
      print-color-adjust: exact;
      -webkit-print-color-adjust: exact;
    }
    body {
      font-size: 10pt;
    }
    article {
      max-width: none;
      padding: 0;
    }
    nav {
      display: none;
    }
    section {
      grid-template-columns: minmax(0, 1fr);
      gap: 0.75rem;
      padding: 1.25rem 0 1.5rem;
    }
    h1 {
      font-size: 24pt;
    }
    h2,
    h3,
    thead,
    .aside {
      break-after: avoid;
    }
    tr,
    .card.model,
    .pair > div {
      break-inside: avoid;
    }
    .groups {
      columns: 17rem;
    }
    .scroll {
      overflow: visible;
    }
    .because {
      font-size: 12pt;
    }
    ins {
      font-weight: 600;
      text-decoration: underline;
    }
    del {
      text-decoration: line-through;
    }
    .brand {
      margin-bottom: 1.5rem;
    }
  }
`;
