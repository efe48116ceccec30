/**
 * Colours and measures of the window, in one place: as CSS variables for our own styles and as Naive UI's overrides.
 * Text and its ground keep a contrast of 4.5:1 at least, in both themes.
 */
import type { GlobalThemeOverrides } from 'naive-ui'

const light = {
  ground: '#ffffff',
  rail: '#f4f6f7',
  raised: '#ffffff',
  sunken: '#f7f9fa',
  hover: '#f1f4f5',
  selected: '#e5f1f2',
  line: '#e4e9eb',
  'line-strong': '#cbd4d8',
  text: '#16232b',
  'text-2': '#4b5a64',
  'text-3': '#66757f',
  accent: '#0b6b78',
  'accent-hover': '#0d7f8f',
  'accent-pressed': '#08545f',
  'accent-soft': '#e5f1f2',
  'on-accent': '#ffffff',
  success: '#1b7a48',
  'success-soft': '#e6f4ec',
  warning: '#8f5f00',
  'warning-soft': '#fbf2df',
  danger: '#b9322b',
  'danger-soft': '#fbeae8',
  shadow: '0 1px 2px rgb(16 32 40 / 6%), 0 8px 24px rgb(16 32 40 / 10%)',
}

const dark: typeof light = {
  ground: '#13191d',
  rail: '#0e1316',
  raised: '#1b2328',
  sunken: '#171e23',
  hover: '#1d262b',
  selected: '#17333a',
  line: '#273137',
  'line-strong': '#3a474f',
  text: '#e3eaee',
  'text-2': '#aab7bf',
  'text-3': '#8b99a2',
  accent: '#4bb4c2',
  'accent-hover': '#66c6d3',
  'accent-pressed': '#3a9cab',
  'accent-soft': '#17333a',
  'on-accent': '#04191d',
  success: '#55c08a',
  'success-soft': '#15302a',
  warning: '#dcae4f',
  'warning-soft': '#332a15',
  danger: '#f0837b',
  'danger-soft': '#3a1f1e',
  shadow: '0 1px 2px rgb(0 0 0 / 30%), 0 8px 24px rgb(0 0 0 / 40%)',
}

export type ThemeName = 'light' | 'dark'
const themes = { light, dark }

/** Sets the CSS variables (`--accent`, `--text-2` …) on an element, the document's root in the window. */
export function applyTheme(name: ThemeName, root: HTMLElement): void {
  for (const [token, value] of Object.entries(themes[name])) root.style.setProperty(`--${token}`, value)
  root.dataset['theme'] = name
  root.style.colorScheme = name
}

const sans =
  "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
const mono =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace"

/** Naive UI's overrides for a theme. */
export function naiveOverrides(name: ThemeName): GlobalThemeOverrides {
  const colour = themes[name]
  return {
    common: {
      fontFamily: sans,
      fontFamilyMono: mono,
      fontSize: '13px',
      fontSizeSmall: '13px',
      fontSizeMedium: '13px',
      fontSizeLarge: '14px',
      fontWeightStrong: '600',
      borderRadius: '6px',
      borderRadiusSmall: '4px',
      heightSmall: '28px',
      heightMedium: '32px',
      heightLarge: '38px',
      primaryColor: colour.accent,
      primaryColorHover: colour['accent-hover'],
      primaryColorPressed: colour['accent-pressed'],
      primaryColorSuppl: colour['accent-hover'],
      successColor: colour.success,
      successColorHover: colour.success,
      warningColor: colour.warning,
      warningColorHover: colour.warning,
      errorColor: colour.danger,
      errorColorHover: colour.danger,
      errorColorPressed: colour.danger,
      textColorBase: colour.text,
      textColor1: colour.text,
      textColor2: colour.text,
      textColor3: colour['text-2'],
      placeholderColor: colour['text-3'],
      bodyColor: colour.ground,
      cardColor: colour.raised,
      modalColor: colour.raised,
      popoverColor: colour.raised,
      hoverColor: colour.hover,
      borderColor: colour['line-strong'],
      dividerColor: colour.line,
    },
    Button: {
      textColorPrimary: colour['on-accent'],
      textColorHoverPrimary: colour['on-accent'],
      textColorPressedPrimary: colour['on-accent'],
      textColorFocusPrimary: colour['on-accent'],
      textColorDisabledPrimary: colour['on-accent'],
      fontWeight: '500',
    },
    Tabs: { tabFontSizeMedium: '13px', tabGapMediumLine: '24px', tabPaddingMediumLine: '8px 0' },
    Tooltip: { padding: '6px 10px', borderRadius: '6px' },
    Dialog: { borderRadius: '10px' },
    Card: { borderRadius: '10px' },
  }
}
