/** What a step is taken from, for those who want to read on. */
export interface Source {
  readonly text: string;
  readonly url: string;
}

const arxiv = (id: string) => `https://arxiv.org/abs/${id}`;
const doi = (id: string) => `https://doi.org/${id}`;

export const sources = {
  drpo: { text: 'Singla et al. 2024, DRPO', url: arxiv('2411.08733') },
  gEval: { text: 'Liu et al. 2023, ratings weighted by probability', url: arxiv('2303.16634') },
  fewShot: { text: 'Brown et al. 2020, in-context learning', url: arxiv('2005.14165') },
  urial: { text: 'Lin et al. 2023, alignment by examples', url: arxiv('2312.01552') },
  bm25: { text: 'Robertson and Zaragoza 2009, BM25', url: doi('10.1561/1500000019') },
  proTeGi: { text: 'Pryzant et al. 2023, edits from criticism', url: arxiv('2305.03495') },
  bootstrap: { text: 'Efron 1979, the bootstrap', url: doi('10.1214/aos/1176344552') },
} as const satisfies Record<string, Source>;
