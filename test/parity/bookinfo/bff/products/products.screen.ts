import { plan, screen } from '@frontage/aggregation';

const productsPlan = plan('bookinfo.products', { deadlineMs: 1000 }, () => ({}));

export const productsScreen = screen(productsPlan, () => [
  {
    id: 0,
    title: 'The Comedy of Errors',
    descriptionHtml: '<a href="https://en.wikipedia.org/wiki/The_Comedy_of_Errors">Wikipedia Summary</a>',
  },
]);
