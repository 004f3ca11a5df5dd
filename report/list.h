/* `list`: everything that is registered, as records. */
#pragma once

void list_everything(void);
