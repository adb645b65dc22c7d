// Pieces of SVG text: no library, no script, readable in a page of documentation.

export const INK = '#1f2933'
export const FAINT = '#7b8794'
export const GRID = '#e4e7eb'

const COLORS: Readonly<Record<string, string>> = { millrace: '#1b6ca8', kafka: '#d1603d', ideal: '#8d99a6' }

/** Of a broker; of anything else a color that none of them has. */
export const colorOf = (name: string): string => COLORS[name] ?? '#6a994e'

export interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly size?: number
  readonly color?: string
  readonly bold?: boolean
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', size = 12, color = INK, bold = false } = style
  const place = `x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" font-size="${size}" fill="${color}"`
  return `<text ${place}${bold ? ' font-weight="600"' : ''}>${escaped(content)}</text>`
}

export interface LineStyle {
  readonly color?: string
  readonly width?: number
  readonly dash?: string
}

export function line(from: Point, to: Point, { color = GRID, width = 1, dash = '' }: LineStyle = {}): string {
  const ends = `x1="${fixed(from[0])}" y1="${fixed(from[1])}" x2="${fixed(to[0])}" y2="${fixed(to[1])}"`
  return `<line ${ends} stroke="${color}" stroke-width="${width}"${dashed(dash)}/>`
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function rect({ x, y, width, height }: Box, color: string, opacity = 1): string {
  const size = `x="${fixed(x)}" y="${fixed(y)}" width="${fixed(Math.max(0, width))}" height="${fixed(height)}"`
  return `<rect ${size} fill="${color}"${opacity === 1 ? '' : ` fill-opacity="${opacity}"`}/>`
}

export type Point = readonly [number, number]

export function polyline(points: readonly Point[], { color = INK, width = 2, dash = '' }: LineStyle): string {
  const stroke = `stroke="${color}" stroke-width="${width}" stroke-linejoin="round"${dashed(dash)}`
  return `<polyline points="${pathOf(points)}" fill="none" ${stroke}/>`
}

export function polygon(points: readonly Point[], color: string, opacity: number): string {
  return `<polygon points="${pathOf(points)}" fill="${color}" fill-opacity="${opacity}"/>`
}

export function circle([x, y]: Point, radius: number, color: string): string {
  return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="${radius}" fill="${color}"/>`
}

export interface Page {
  readonly width: number
  readonly height: number
  readonly title: string
  readonly subtitle?: string
}

/** What the parts are drawn below of. */
export const HEAD = 64

export function page({ width, height, title, subtitle = '' }: Page, parts: readonly string[]): string {
  const size = `width="${width}" height="${fixed(height)}" viewBox="0 0 ${width} ${fixed(height)}"`
  const head = [text(16, 26, title, { size: 16, bold: true }), text(16, 45, subtitle, { color: FAINT })]
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="Helvetica, Arial, sans-serif">`
  const named = `<title>${escaped(title)}</title>`
  return `${open}\n${named}\n${rect({ x: 0, y: 0, width, height }, '#fff')}\n${[...head, ...parts].join('\n')}\n</svg>\n`
}

const dashed = (dash: string): string => (dash === '' ? '' : ` stroke-dasharray="${dash}"`)
const pathOf = (points: readonly Point[]): string =>
  points.map(([x, y]) => `${fixed(x)},${fixed(y)}`).join(' ')
const escaped = (content: string): string => content.replace(/&/g, '&amp;').replace(/</g, '&lt;')
const fixed = (value: number): string => String(Number(value.toFixed(1)))
